/**
 * The line to the recorder: a ticket and a connection, made while the countdown runs.
 *
 * "Not yet" parks it, since most people begin again in a moment and a take that never began costs nothing. Only the last
 * try counts: what an earlier one brings is hung up.
 */

import type { RecordingTicket } from "../live/protocol.gen.ts";
import { codeOf, type Desk } from "./desk.ts";
import type { Kind } from "./devices.ts";
import type { Fit } from "./fitting.ts";
import { WhipSession, type Rate } from "./whip.ts";

/** How long a connection made for nothing is kept for the next try, and how long our own goodbye may take to be known. */
const PARKED_MS = 20_000;
const OWN_ECHO_MS = 35_000;
/** When a line of this page last ended; the next question has a line of its own. */
let closedAt = -Infinity;

/** `pictures`: so many went through the encoder, 0 where the browser does not say. `paused`: for a while none did. */
export interface Sent {
  pictures: number;
  paused: boolean;
}

export class Line {
  /** Of the take that is being made; null when the server has not heard of it. */
  ticket: RecordingTicket | null = null;
  readonly #desk: Desk;
  readonly #uplink: () => number;
  readonly #lost: () => void;
  readonly #found: () => void;
  readonly #rate: Rate;
  readonly #fitted: () => void;
  #session: WhipSession | null = null;
  #attempt = 0;
  #pending = 0;
  #parked = 0;

  constructor(options: {
    desk: Desk;
    /** Bits per second that were measured upwards, 0 for not (yet). */
    uplink: () => number;
    lost: () => void;
    found: () => void;
    rate: Rate;
    /** What of the picture goes out has changed, or could. */
    fitted: () => void;
  }) {
    this.#desk = options.desk;
    this.#uplink = options.uplink;
    this.#lost = options.lost;
    this.#found = options.found;
    this.#rate = options.rate;
    this.#fitted = options.fitted;
  }

  /** A connection is there or on its way. */
  get open(): boolean {
    return this.#session !== null;
  }

  get connected(): boolean {
    return this.#session?.connected ?? false;
  }

  /** What of the picture goes out. */
  get fit(): Fit {
    return this.#session?.fit ?? "soft";
  }

  /** The picture is at rest, and the link would carry it again. */
  get offered(): boolean {
    return this.#session?.offered ?? false;
  }

  picture(): void {
    void this.#session?.picture();
  }

  /** Makes ticket and connection unless they stand. False: given up meanwhile, or an earlier call still sees to it. */
  async reach(kind: Kind): Promise<boolean> {
    window.clearTimeout(this.#parked);
    if (this.connected) return true;
    if (this.#pending > 0 && this.#pending === this.#attempt) return false;
    this.#session?.close(); // A parked one that was lost meanwhile.
    this.#session = null;
    this.ticket = null;
    const attempt = ++this.#attempt;
    this.#pending = attempt;
    try {
      const ticket = await this.#take(kind, attempt);
      if (attempt !== this.#attempt) return false;
      this.ticket = ticket;
      const session = new WhipSession({
        ticket,
        video: kind === "video",
        uplink: this.#uplink(),
        onLost: this.#lost,
        onFound: this.#found,
        onRate: this.#rate,
        onFit: this.#fitted,
      });
      this.#session = session;
      await session.connect();
      if (attempt === this.#attempt) return true;
      session.close();
      return false;
    } catch (error) {
      if (attempt !== this.#attempt) return false;
      this.cut();
      throw error;
    } finally {
      if (this.#pending === attempt) this.#pending = 0;
    }
  }

  /** The server knows within a second or two that our own last connection ended; until then it says "already". */
  async #take(kind: Kind, attempt: number): Promise<RecordingTicket> {
    for (;;) {
      try {
        return await this.#desk.ticket(kind);
      } catch (error) {
        const ours = performance.now() - closedAt < OWN_ECHO_MS;
        if (codeOf(error) !== "already_recording" || !ours || attempt !== this.#attempt) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  async attach(stream: MediaStream): Promise<void> {
    await this.#session?.attach(stream);
  }

  /** Ends the connection and keeps the ticket: the take goes on without it. */
  cut(): void {
    this.#session?.close();
    this.#session = null;
  }

  /** "Not yet": stays for a while, for the next try. */
  park(): void {
    window.clearTimeout(this.#parked);
    if (this.#session || this.#pending > 0) this.#parked = window.setTimeout(() => this.drop(), PARKED_MS);
  }

  drop(): void {
    window.clearTimeout(this.#parked);
    this.#attempt++;
    if (this.#session || this.#pending > 0) closedAt = performance.now();
    this.#pending = 0;
    this.ticket = null;
    this.cut();
  }

  /** Lets the last words out and hangs up. Replies what the recorder was sent of the take, null for nothing. */
  async finish(): Promise<Sent | null> {
    const session = this.#session;
    this.#session = null;
    await session?.stop();
    closedAt = performance.now();
    return session?.attached ? { pictures: session.encoded, paused: session.paused } : null;
  }
}
