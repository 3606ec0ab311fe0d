/**
 * "Hear yourself": three seconds of camera and microphone, played back and forgotten. Nothing leaves the page.
 *
 * And a look at the light: a dark face is the most common fault of a picture, and the easiest to mend.
 */

import { sample } from "../recording/copy.ts";

const TEST_MS = 3000;
/** Average brightness of a picture (0..255) below which a face is hard to see. */
const DARK = 38;

export class Rehearsal {
  stage: "" | "recording" | "playing" | "done" | "failed" = "";
  /** Seconds left while it records. */
  seconds = 0;
  /** Plays the test; empty unless there is one. */
  url = "";
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get busy(): boolean {
    return this.stage === "recording" || this.stage === "playing";
  }

  async record(stream: MediaStream): Promise<void> {
    if (this.stage === "recording") return;
    this.stage = "recording";
    this.seconds = TEST_MS / 1000;
    this.#changed();
    const counting = window.setInterval(() => {
      this.seconds = Math.max(1, this.seconds - 1);
      this.#changed();
    }, 1000);
    const copy = await sample(stream, TEST_MS);
    window.clearInterval(counting);
    this.#release();
    this.url = copy ? URL.createObjectURL(copy) : "";
    this.stage = copy ? "playing" : "failed";
    this.#changed();
  }

  /** It was played, or could not be. */
  forget(): void {
    this.#release();
    this.stage = "done";
    this.#changed();
  }

  #release(): void {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = "";
  }
}

/** Whether the picture is too dark, judged on a stamp-sized copy; null while there is none. */
export function isDark(video: HTMLVideoElement): boolean | null {
  if (video.videoWidth === 0) return null;
  const canvas = document.createElement("canvas");
  canvas.width = 32;
  canvas.height = 18;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(video, 0, 0, 32, 18);
  const { data } = context.getImageData(0, 0, 32, 18);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += 0.3 * data[at]! + 0.59 * data[at + 1]! + 0.11 * data[at + 2]!;
  return sum / (data.length / 4) < DARK;
}
