/**
 * Whether somebody sits at this tab: idle after a minute without input. No socket in here, and no DOM but its events.
 *
 * A film that plays counts as input: whoever watches an answer to its end is there. Other tabs are no concern of this
 * one; the server shows a person as idle only when all of their tabs are.
 */

export const IDLE_MS = 60_000;

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove", "timeupdate"];

export class Idleness {
  private readonly target: EventTarget;
  private readonly changed: (idle: boolean) => void;
  private readonly onSign = (): void => this.sign();
  private readonly onReturn = (): void => this.check();
  private last = Date.now();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Nobody has touched anything for a minute. */
  idle = false;

  /** Listens to `target` (the document) from now on; `changed` is called at every change. */
  constructor(target: EventTarget, changed: (idle: boolean) => void) {
    this.target = target;
    this.changed = changed;
    for (const sign of SIGNS) target.addEventListener(sign, this.onSign, { capture: true, passive: true });
    target.addEventListener("visibilitychange", this.onReturn); // timers slept while the laptop did
    this.check();
  }

  /** Listen no longer. */
  stop(): void {
    clearTimeout(this.timer);
    for (const sign of SIGNS) this.target.removeEventListener(sign, this.onSign, { capture: true });
    this.target.removeEventListener("visibilitychange", this.onReturn);
  }

  private sign(): void {
    this.last = Date.now();
    if (this.idle) this.check();
  }

  private check(): void {
    clearTimeout(this.timer);
    const left = this.last + IDLE_MS - Date.now();
    if (left > 0) this.timer = setTimeout(() => this.check(), left);
    if (left > 0 === this.idle) {
      this.idle = !this.idle;
      this.changed(this.idle);
    }
  }
}
