/**
 * Whether the recorder still hears us, as far as can be told from here. Pure.
 *
 * Reports come back several times a second while media flows: without any for a while the recorder is dead or the
 * network is, whatever the connection believes. A connection that says "disconnected" or "failed" is lost for now and no
 * more than that: after a cut of half a minute it came back by itself, so nothing here ever ends it.
 */

/** Looks are half a second apart: a dead recorder is noticed within three seconds. */
export const SILENCE_MS = 2500;

export class Hearing {
  lost = false;
  #connected = true;
  #received = -1;
  #heardAt: number;
  /** When media began to flow; before that there is nothing to report on, and silence is no sign. */
  #flowsFrom = Infinity;

  constructor(now: number) {
    this.#heardAt = now;
  }

  /** Media flows from now on. */
  flows(now: number): void {
    this.#flowsFrom = now;
  }

  /** The connection's own state. */
  state(state: RTCPeerConnectionState): void {
    this.#connected = state === "connected";
    if (state === "connected") this.lost = false;
    else if (state === "disconnected" || state === "failed") this.lost = true;
  }

  /** The browser says that there is no network. */
  offline(): void {
    this.lost = true;
  }

  /** `received`: bytes that have come back so far. */
  look(received: number, now: number, online = true): void {
    if (received !== this.#received) {
      this.#received = received;
      this.#heardAt = now;
      if (this.#connected && online) this.lost = false;
    } else if (now - Math.max(this.#heardAt, this.#flowsFrom) > SILENCE_MS) {
      this.lost = true;
    }
  }
}
