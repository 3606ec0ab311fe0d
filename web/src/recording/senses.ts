/**
 * Whether anybody is heard and anything is seen while it is recorded, judged as the server does (media/senses.py): ten
 * levels a second, two looks a second. The take is not stopped for it; the person is told, and decides.
 */

import { Impression, isBlack, type Warning } from "./impression.ts";
import { LevelMeter } from "./meter.ts";

/** So much must have been heard and seen before something is said. */
const SOON_MS = 6000;
const LOOK_MS = 500;
const WIDTH = 64;
const HEIGHT = 36;

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
