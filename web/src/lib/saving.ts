/**
 * Saves what somebody edits by itself: a pause after the last key, one save at a time. It knows nothing of what is
 * saved; `save` is called until nothing is unsaved, sends through the outbox, and throws what was refused.
 */
import { Failure, sentence } from "./api.ts";
import { outbox } from "./outbox.ts";

export type SaveState =
  | { kind: "saved"; at: number | null }
  | { kind: "unsaved" }
  | { kind: "saving" }
  | { kind: "waiting"; words: string }
  | { kind: "refused"; words: string; code: string };

const PAUSE = 700;

export class Saving {
  state: SaveState = { kind: "saved", at: null };
  private timer = 0;
  private running: Promise<void> | null = null;
  private dirty = false;

  /**
   * `save` sends what is unsaved; `changed` draws the state. `leave`, if any, puts what is unsaved into the outbox when
   * the page goes, behind what is on its way; without it whoever leaves is asked.
   */
  constructor(
    private save: () => Promise<void>,
    private changed: () => void,
    leave?: () => void,
  ) {
    if (leave) addEventListener("pagehide", () => this.handOver(leave));
    else {
      addEventListener("beforeunload", (event) => {
        if (this.dirty || this.running) event.preventDefault();
      });
    }
    outbox.observe(() => this.running && this.show(this.sending));
  }

  get busy(): boolean {
    return this.dirty || this.running !== null;
  }

  private get sending(): SaveState {
    return outbox.failing
      ? { kind: "waiting", words: "Not saved yet. Kept until the connection is back." }
      : { kind: "saving" };
  }

  /** Something was edited. */
  touch(): void {
    this.dirty = true;
    if (!this.running) this.show({ kind: "unsaved" });
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.now(), PAUSE);
  }

  /** Saves at once; resolves when nothing is unsaved, or when it was refused. */
  async now(): Promise<void> {
    clearTimeout(this.timer);
    while (this.running) {
      await this.running; // whoever else waited for it may have begun the next one
      if (this.state.kind === "refused") return;
    }
    if (!this.dirty) return;
    this.running = this.run();
    await this.running;
  }

  /** What was unsaved is not wanted any more. */
  forget(): void {
    this.dirty = false;
    clearTimeout(this.timer);
    this.show({ kind: "saved", at: Date.now() });
  }

  private handOver(leave: () => void): void {
    if (!this.dirty) return;
    this.forget();
    leave();
  }

  private async run(): Promise<void> {
    this.dirty = false;
    this.show(this.sending);
    let state: SaveState | null = null;
    try {
      await this.save();
    } catch (error) {
      this.dirty = true;
      state = { kind: "refused", words: sentence(error), code: error instanceof Failure ? error.code : "" };
    }
    this.running = null;
    this.show(state ?? (this.dirty ? { kind: "unsaved" } : { kind: "saved", at: Date.now() }));
  }

  private show(state: SaveState): void {
    this.state = state;
    this.changed();
  }
}
