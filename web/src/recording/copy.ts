/**
 * The browser's own copy of a take, in memory.
 *
 * It makes the take watchable the moment it ends, in every browser, and it is what is sent when the stream to the server
 * broke. VP9 where it can be had: a second VP8 encoder starved the outgoing stream (7 to 10 frames a second instead of
 * 30), VP9 did not. Five minutes at the cap are under 95 MB.
 */

const VIDEO_TYPES = [
  "video/webm;codecs=vp9,opus",
  "video/webm;codecs=vp8,opus",
  "video/webm",
  "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
  "video/mp4",
];
const AUDIO_TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const VIDEO_BITS = 2_500_000;
const AUDIO_BITS = 64_000;

/** Whether this browser can keep a copy at all. */
export function canCopy(): boolean {
  return typeof MediaRecorder !== "undefined";
}

function pick(types: string[]): string {
  return types.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

export class LocalCopy {
  readonly #recorder: MediaRecorder;
  readonly #pieces: Blob[] = [];
  #ended: Promise<void>;

  private constructor(recorder: MediaRecorder) {
    this.#recorder = recorder;
    recorder.addEventListener("dataavailable", (event) => {
      if (event.data.size > 0) this.#pieces.push(event.data);
    });
    this.#ended = new Promise((resolve) => {
      recorder.addEventListener("stop", () => resolve(), { once: true });
      recorder.addEventListener("error", () => resolve(), { once: true });
    });
  }

  /** Begins to copy; null when this browser cannot, which is no reason to stop the take. */
  static start(stream: MediaStream): LocalCopy | null {
    if (!canCopy()) return null;
    const video = stream.getVideoTracks().length > 0;
    const mimeType = pick(video ? VIDEO_TYPES : AUDIO_TYPES);
    try {
      const recorder = new MediaRecorder(stream, {
        ...(mimeType ? { mimeType } : {}),
        ...(video ? { videoBitsPerSecond: VIDEO_BITS } : {}),
        audioBitsPerSecond: AUDIO_BITS,
      });
      const copy = new LocalCopy(recorder);
      recorder.start(1000);
      return copy;
    } catch {
      return null;
    }
  }

  /** Bytes held so far: more than nothing means "saved on this device" is true. */
  get bytes(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.size, 0);
  }

  /** Ends the copy and hands it out; null when nothing was caught. */
  async stop(): Promise<Blob | null> {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    await Promise.race([this.#ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
    if (this.#pieces.length === 0) return null;
    const type = (this.#recorder.mimeType || this.#pieces[0]?.type || "video/webm").split(";")[0];
    return new Blob(this.#pieces, { type });
  }
}

/** Records a few seconds and hands them out, for "hear yourself". */
export async function sample(stream: MediaStream, ms: number): Promise<Blob | null> {
  const copy = LocalCopy.start(stream);
  if (!copy) return null;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return copy.stop();
}
