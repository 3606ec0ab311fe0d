/**
 * The browser's own copy of a take.
 *
 * It makes the take watchable the moment it ends, in every browser, and it is what is sent when the stream to the server
 * broke. Every second goes to the device at once (shelf.ts); where nothing can be kept there, or it is full, it stays in
 * the memory of this page, and `onDevice` tells the difference. VP9 where it can be had: a second VP8 encoder starved
 * the outgoing stream (7 to 10 frames a second instead of 30), VP9 did not.
 */

import { newKey } from "../lib/api.ts";
import { AUDIO_BITS, VIDEO_BITS, affordable, begun, type Manifest } from "./manifest.ts";
import { freeBytes, hold, shelf } from "./shelf.ts";
import type { Shelf } from "./shelves.ts";

const VIDEO_TYPES = [
  "video/webm;codecs=vp9,opus",
  "video/webm;codecs=vp8,opus",
  "video/webm",
  "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
  "video/mp4",
];
const AUDIO_TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
/**
 * What the copy's picture is reduced to when it takes too much from the one that goes out. A MediaRecorder's rate cannot
 * be changed once it runs; a smaller picture lowers it (Chromium, measured: from 125 to 62 kB in a second).
 */
const LESS: MediaTrackConstraints = { width: { max: 640 }, height: { max: 360 }, frameRate: { max: 12 } };

/** On the device it is found after a crash, all but the last moments; in the page it is lost with it. */
export type Place = "device" | "page" | "";

/** Whose answer it is, so that the copy is found again. */
export type About = Pick<Manifest, "application" | "question" | "take" | "kind" | "over">;

/** A copy that has ended. */
export interface Copy {
  /** Its name on the device; empty when only this page has it. */
  id: string;
  blob: Blob;
  /** All of it is on the device. */
  onDevice: boolean;
  /** Where it is being uploaded to, once that has begun. */
  upload: string;
  /** The take that it became once all of it was sent; empty before. */
  became: string;
  /** Others may send it from now on. */
  release: () => void;
}

/** Whether this browser can keep a copy at all. */
export function canCopy(): boolean {
  return typeof MediaRecorder !== "undefined";
}

function pick(types: string[]): string {
  return types.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

export class LocalCopy {
  /** It was stopped so that the outgoing picture does not suffer. */
  stopped = false;
  /** It ended by itself, because the browser could not go on: what is said from then on it does not hold. */
  broke = false;
  readonly #recorder: MediaRecorder;
  /** A picture of its own, so that it can be made smaller alone. */
  readonly #picture: MediaStreamTrack | null;
  readonly #id: string = newKey();
  readonly #mime: string;
  readonly #since = performance.now();
  readonly #ended: Promise<void>;
  /** Pieces that are not on the device: from the first that could not be written, all of them. */
  #here: Blob[] = [];
  #shelf: Shelf | null = null;
  /** The place where it was begun, also when nothing more fits there. */
  #begun: Shelf | null = null;
  #saved = 0;
  #settling = false;
  /** It was asked to end. */
  #over = false;
  #release = (): void => undefined;
  #work: Promise<void>;

  private constructor(recorder: MediaRecorder, picture: MediaStreamTrack | null, mime: string, about: About | null) {
    this.#recorder = recorder;
    this.#picture = picture;
    this.#mime = mime;
    this.#work = about ? this.#settle(about) : Promise.resolve();
    recorder.addEventListener("dataavailable", ({ data }) => {
      if (data.size === 0) return;
      this.#here.push(data);
      const ms = performance.now() - this.#since;
      this.#work = this.#work.then(() => this.#save(data, ms));
    });
    this.#ended = new Promise((resolve) => {
      for (const event of ["stop", "error"])
        recorder.addEventListener(event, () => {
          this.broke ||= !this.#over && recorder.stream.getTracks().some((track) => track.readyState === "live");
          resolve();
        });
    });
  }

  /**
   * Begins to copy, to the device when `about` is told, at no more than `bits` per second of picture.
   *
   * Null when this browser cannot, which is no reason to stop the take.
   */
  static start(stream: MediaStream, about: About | null = null, bits = VIDEO_BITS): LocalCopy | null {
    if (!canCopy()) return null;
    const video = stream.getVideoTracks()[0];
    const type = pick(video ? VIDEO_TYPES : AUDIO_TYPES);
    const picture = video?.clone() ?? null;
    try {
      const tracks = picture ? [picture, ...stream.getAudioTracks()] : stream.getAudioTracks();
      const recorder = new MediaRecorder(new MediaStream(tracks), {
        ...(type ? { mimeType: type } : {}),
        ...(video ? { videoBitsPerSecond: bits } : {}),
        audioBitsPerSecond: AUDIO_BITS,
      });
      const mime = (type || recorder.mimeType || (video ? "video/webm" : "audio/webm")).split(";")[0]!;
      const copy = new LocalCopy(recorder, picture, mime, about);
      recorder.start(1000);
      return copy;
    } catch {
      picture?.stop();
      return null;
    }
  }

  async #settle(about: About): Promise<void> {
    this.#settling = true;
    const found = await shelf();
    if (found) {
      this.#release = hold(this.#id);
      const begins = found.begin(begun(this.#id, about, this.#mime, Date.now()));
      this.#shelf = this.#begun = await begins.then(
        () => found,
        () => null,
      );
    }
    this.#settling = false;
  }

  async #save(piece: Blob, ms: number): Promise<void> {
    if (!this.#shelf) return;
    try {
      await this.#shelf.add(this.#id, await piece.arrayBuffer(), ms);
      this.#saved += piece.size;
      this.#here = this.#here.filter((other) => other !== piece);
    } catch {
      this.#shelf = null; // What is there stays there; the rest stays in the page.
    }
  }

  /** Something was caught. */
  get holds(): boolean {
    return this.#saved > 0 || this.#here.length > 0;
  }

  /** Whether what is said now is copied. */
  get goesOn(): boolean {
    return !this.stopped && !this.broke;
  }

  /** Where it is; nowhere before the first second. */
  get place(): Place {
    if (!this.holds || !this.goesOn) return "";
    if (this.#settling || (this.#shelf && this.#saved === 0)) return "";
    return this.#shelf ? "device" : "page";
  }

  /** Makes the copy smaller: its encoder takes turns with the one of the outgoing picture. */
  ease(): void {
    void this.#picture?.applyConstraints(LESS).catch(() => undefined);
  }

  /** Gives the copy up for the sake of the outgoing picture; what there is of it stays. */
  halt(): void {
    this.stopped = true;
    this.#end();
  }

  #end(): void {
    this.#over = true;
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#picture?.stop();
  }

  /** Ends the copy and hands it out; null when nothing was caught. `take`: what the server calls it by now. */
  async stop(take = ""): Promise<Copy | null> {
    this.#end();
    await Promise.race([this.#ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
    await this.#work;
    const onDevice = this.#shelf !== null && this.#here.length === 0;
    const first = await this.#put(this.#begun, { complete: onDevice && this.goesOn, ...(take ? { take } : {}) });
    const id = this.#begun && this.#saved > 0 ? this.#id : "";
    if (!id) this.#release();
    if (!this.holds) return null;
    const blob = new Blob([...(first ? [first] : []), ...this.#here], { type: this.#mime });
    return { id, blob, onDevice, upload: "", became: "", release: this.#release };
  }

  /** Closes what is on the device, and hands it out. */
  async #put(shelf: Shelf | null, changes: Partial<Manifest>): Promise<Blob | null> {
    if (!shelf) return null;
    try {
      if (this.#saved > 0) await shelf.note(this.#id, changes);
      await shelf.end(this.#id);
      if (this.#saved > 0) return await shelf.file(this.#id);
      await shelf.drop(this.#id);
    } catch {
      // What is on the device stays there as it is.
    }
    return null;
  }
}

/** Bits per second of picture for a copy of this length; 0: it stays in the page. */
export async function room(seconds: number): Promise<number> {
  return affordable(await freeBytes(), seconds);
}

/** Changes what is told of a copy on the device. */
export async function noteCopy(copy: Copy, changes: Partial<Manifest>): Promise<void> {
  if (copy.id) await (await shelf())?.note(copy.id, changes).catch(() => undefined);
}

/** Notes that a copy was chosen, and that no earlier one of its question is any more. */
export async function chooseCopy(
  copy: Copy,
  whose: Pick<Manifest, "application" | "question" | "over">,
): Promise<void> {
  const place = await shelf();
  for (const { id, application, question, kept } of (await place?.list().catch(() => [])) ?? []) {
    if (!kept || id === copy.id || application !== whose.application || question !== whose.question) continue;
    await place?.note(id, { kept: false }).catch(() => undefined);
  }
  await noteCopy(copy, { kept: true, over: whose.over });
}

/** Records a few seconds and hands them out, for "hear yourself". */
export async function sample(stream: MediaStream, ms: number): Promise<Blob | null> {
  const copy = LocalCopy.start(stream);
  if (!copy) return null;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (await copy.stop())?.blob ?? null;
}
