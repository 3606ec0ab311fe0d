/**
 * Whether anybody is heard and anything is seen while it is recorded, judged as the server does (media/senses.py): ten
 * levels a second, two looks a second. The take is not stopped for it; the person is told, and decides.
 */

import { LevelMeter } from "./meter.ts";

export type Warning = "silent" | "black";

/** As in media/senses.py, where the numbers are from. */
const VOICE_DB = -50;
const VOICED_SHARE = 0.02;
const FEWEST_VOICED = 2;
const DARK = 0.1 * 255;
const DARK_PIXELS = 0.98;
const LIT_SHARE = 0.1;
/** So much must have been heard and seen before something is said. */
const SOON_MS = 6000;
const LOOK_MS = 500;
const WIDTH = 64;
const HEIGHT = 36;

/** What was heard and seen of a take until now. Pure. */
export class Impression {
  #levels = 0;
  #voiced = 0;
  #looks = 0;
  #lit = 0;

  hear(db: number): void {
    this.#levels++;
    if (db > VOICE_DB) this.#voiced++;
  }

  see(black: boolean): void {
    this.#looks++;
    if (!black) this.#lit++;
  }

  /** What is true so far; nothing about a sense that had nothing to go by. */
  get warnings(): Warning[] {
    const found: Warning[] = [];
    if (this.#levels > 0 && this.#voiced < Math.max(FEWEST_VOICED, VOICED_SHARE * this.#levels)) found.push("silent");
    if (this.#looks > 0 && this.#lit <= LIT_SHARE * this.#looks) found.push("black");
    return found;
  }
}

/** Red, green, blue and alpha of a small picture: is it black? */
export function isBlack(data: Uint8ClampedArray): boolean {
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (0.3 * data[at]! + 0.59 * data[at + 1]! + 0.11 * data[at + 2]! < DARK) dark++;
  }
  return dark >= (data.length / 4) * DARK_PIXELS;
}

/** Listens to a stream and looks at it, from `start` until `stop`. */
export class Senses {
  #impression = new Impression();
  #since = 0;
  #timer = 0;
  readonly #meter = new LevelMeter();
  readonly #eye = document.createElement("video");

  start(stream: MediaStream): void {
    this.stop();
    this.#impression = new Impression();
    this.#since = performance.now();
    const impression = this.#impression;
    this.#meter.start(stream, (_level, _voice, db) => impression.hear(db));
    if (stream.getVideoTracks().length === 0) return;
    this.#eye.muted = true;
    this.#eye.playsInline = true;
    this.#eye.srcObject = stream;
    void this.#eye.play().catch(() => undefined);
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    this.#timer = window.setInterval(() => {
      if (!brush || this.#eye.videoWidth === 0 || document.hidden) return; // A hidden page is shown no pictures.
      brush.drawImage(this.#eye, 0, 0, WIDTH, HEIGHT);
      impression.see(isBlack(brush.getImageData(0, 0, WIDTH, HEIGHT).data));
    }, LOOK_MS);
  }

  stop(): void {
    this.#meter.stop();
    window.clearInterval(this.#timer);
    this.#eye.srcObject = null;
  }

  /** What the person should hear about, also when the take is over; nothing in its first moments. */
  get warnings(): readonly Warning[] {
    return this.#impression.warnings;
  }

  /** The same while it goes on: nobody is interrupted before they have begun. */
  get soFar(): readonly Warning[] {
    return performance.now() - this.#since < SOON_MS ? [] : this.warnings;
  }
}

/** The words for it, with what helps. */
export const WARNED: Record<Warning, { title: string; what: string; now: string }> = {
  silent: {
    title: "We could not hear you",
    what: "There is no voice on this recording. Check that the microphone is on and the right one, then try again.",
    now: "We cannot hear you",
  },
  black: {
    title: "The picture is black",
    what: "Nothing can be seen on this recording. Open the shutter or uncover the camera, then try again.",
    now: "Your picture is black",
  },
};
