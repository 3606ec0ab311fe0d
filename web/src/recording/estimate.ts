/**
 * How much a link carries, where the browser does not say (Firefox). Pure.
 *
 * What goes out says little: a face that hardly moves needs few bits. Only when there are signs that the link is full
 * (reports of loss, or answers that come later than they did before) and pictures are left out as well, is what goes out
 * all that it carries. And what has gone out without such signs it carries for certain, however much more it may.
 */

/** What the statistics say at one moment. */
export interface Sight {
  /** Any monotonic time in ms. */
  at: number;
  /** Sent so far, picture and sound. */
  bytes: number;
  /** The recorder's last report: the share of packets lost, 0..1, and seconds there and back, 0 when unknown. */
  lost: number;
  trip: number;
  /** Pictures per second: what the camera gives (0 when unknown), and what goes out. */
  camera: number;
  sent: number;
}

const WINDOW_MS = 2000;
const SHORTEST_MS = 900;
const LOST = 0.05;
const LATER_S = 0.2;
/** A browser slows down until the signs are gone: for so long they still count. */
const SIGN_MS = 10_000;
/** Of the camera's pictures; fewer are left out. */
const MOST = 0.75;
const USUAL = 24;
/** Bits per second from which a picture keeps its size. */
const ENOUGH = 900_000;

export class Estimate {
  #past: Sight[] = [];
  #quickest = Infinity;
  #signAt = -Infinity;

  /** Bits per second, 0 for not known. */
  look(sight: Sight): number {
    if (sight.trip > 0) this.#quickest = Math.min(this.#quickest, sight.trip);
    if (sight.lost > LOST || sight.trip > this.#quickest + LATER_S) this.#signAt = sight.at;
    this.#past.push(sight);
    while (this.#past.length > 2 && sight.at - this.#past[1]!.at >= WINDOW_MS) this.#past.shift();
    const first = this.#past[0]!;
    if (sight.at - first.at < SHORTEST_MS || sight.bytes < first.bytes) return 0;
    const rate = ((sight.bytes - first.bytes) * 8000) / (sight.at - first.at);
    const full = sight.at - this.#signAt < SIGN_MS;
    if (full && sight.sent < (sight.camera || USUAL) * MOST) return Math.max(1, rate);
    return full || rate < ENOUGH ? 0 : rate; // A lower bound is told where it is as much as anybody wants.
  }
}
