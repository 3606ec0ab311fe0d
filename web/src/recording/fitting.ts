/**
 * How much picture fits the link. Pure.
 *
 * A picture that keeps its size stutters on a slow link, one that may shrink stays small on a fast one (measured: 6
 * pictures a second at 256 kbit/s; 640x360 with 4.8 Mbit/s free). So it may shrink until the link has shown that it
 * carries more, and again once it does not any more. Where not even a small picture fits beside the voice, the voice goes
 * out alone: the picture stays on the device, and comes later.
 *
 * Twice a second it is told how much the link carries. Every change needs a while of the same news, and going up again
 * after a fall needs a longer one, so that nothing flaps.
 */

export type Fit =
  | "sharp" // keeps its size
  | "soft" // may shrink
  | "sound"; // does not go out

/** Bits per second. */
const SHARP_FROM = 900_000;
const SOFT_BELOW = 400_000;
const SOUND_BELOW = 100_000;
/** Room for a small picture beside the voice: from here on it is offered again. */
const PICTURE_FROM = 200_000;
/** Looks, half a second apart. */
const UP = 2;
const UP_AGAIN = 12;
const DOWN = 6;
const OFFER = 4;

export class Fitting {
  fit: Fit;
  /** There is room for the picture again, and nobody has said yes yet. */
  offered = false;
  #above = 0;
  #below = 0;
  #fallen = false;

  /** `uplink`: bits per second that were measured before, 0 for not at all. */
  constructor(uplink: number) {
    this.fit = uplink > SHARP_FROM ? "sharp" : uplink > 0 && uplink < SOUND_BELOW ? "sound" : "soft";
  }

  /** `available`: bits per second that the browser believes the link carries, 0 where it does not say. */
  look(available: number): Fit {
    if (available <= 0) return this.fit;
    const up = this.fit === "sound" ? PICTURE_FROM : SHARP_FROM;
    const down = this.fit === "sharp" ? SOFT_BELOW : SOUND_BELOW;
    this.#above = available > up ? this.#above + 1 : 0;
    this.#below = available < down ? this.#below + 1 : 0;
    if (this.fit === "sound") this.offered = this.#above >= OFFER || (this.offered && this.#below < OFFER);
    else if (this.fit === "soft" && this.#above >= (this.#fallen ? UP_AGAIN : UP)) this.#turn("sharp");
    else if (this.fit === "sharp" && this.#below >= DOWN) this.#turn("soft");
    else if (this.fit === "soft" && this.#below >= DOWN) this.#turn("sound");
    return this.fit;
  }

  /** Somebody wants the picture to go out again. */
  again(): void {
    if (this.fit === "sound") this.#turn("soft");
  }

  #turn(fit: Fit): void {
    this.#fallen ||= fit !== "sharp";
    this.fit = fit;
    this.offered = false;
    this.#above = this.#below = 0;
  }
}
