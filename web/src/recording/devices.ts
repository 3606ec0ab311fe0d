/**
 * Camera and microphone: opening them, naming what is wrong, remembering the choice.
 *
 * Browsers report the same trouble under many names and sometimes not at all (without a secure origin
 * `navigator.mediaDevices` is simply missing), so everything is turned into one closed set of codes here; the pages have
 * a helpful screen for each.
 */

export type Kind = "video" | "audio";

export type DeviceTrouble =
  | "insecure" // not https: the browser hides camera and microphone altogether
  | "unsupported" // a browser without WebRTC
  | "denied"
  | "no_camera"
  | "no_microphone"
  | "busy" // another program holds the device
  | "broken";

export class DeviceError extends Error {
  readonly code: DeviceTrouble;
  constructor(code: DeviceTrouble, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

export interface Choice {
  camera: string;
  microphone: string;
}

const CHOICE_KEY = "greenroom.devices";

/** The camera and microphone used last on this device, empty strings for "whatever the browser likes". */
export function rememberedChoice(): Choice {
  try {
    const kept = JSON.parse(localStorage.getItem(CHOICE_KEY) ?? "{}") as Partial<Choice>;
    return { camera: kept.camera ?? "", microphone: kept.microphone ?? "" };
  } catch {
    return { camera: "", microphone: "" };
  }
}

export function rememberChoice(choice: Choice): void {
  try {
    localStorage.setItem(CHOICE_KEY, JSON.stringify(choice));
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
}

/**
 * Opens the devices for a take of this kind. A remembered device that is gone is forgotten silently.
 * Throws DeviceError and nothing else.
 */
export async function openDevices(kind: Kind, choice: Choice = rememberedChoice()): Promise<MediaStream> {
  if (!window.isSecureContext) throw new DeviceError("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceError("unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia(constraints(kind, choice));
  } catch (error) {
    const name = error instanceof DOMException || error instanceof Error ? error.name : "";
    if (name === "OverconstrainedError" && (choice.camera || choice.microphone)) {
      return openDevices(kind, { camera: "", microphone: "" });
    }
    throw new DeviceError(await diagnose(name, kind), error);
  }
}

function constraints(kind: Kind, choice: Choice): MediaStreamConstraints {
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (choice.microphone) audio.deviceId = { exact: choice.microphone };
  if (kind === "audio") return { audio };
  const video: MediaTrackConstraints = {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
  };
  if (choice.camera) video.deviceId = { exact: choice.camera };
  else video.facingMode = "user";
  return { audio, video };
}

async function diagnose(name: string, kind: Kind): Promise<DeviceTrouble> {
  if (name === "NotAllowedError" || name === "SecurityError" || name === "PermissionDeniedError") return "denied";
  if (name === "NotReadableError" || name === "AbortError" || name === "TrackStartError") return "busy";
  if (name === "NotFoundError" || name === "DevicesNotFoundError" || name === "OverconstrainedError") {
    const found = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const hasCamera = found.some((device) => device.kind === "videoinput");
    return kind === "video" && !hasCamera ? "no_camera" : "no_microphone";
  }
  return "broken";
}

export interface DeviceName {
  id: string;
  name: string;
}

/** What can be chosen; names are only known once permission was given. */
export async function listDevices(): Promise<{ cameras: DeviceName[]; microphones: DeviceName[] }> {
  const found = await navigator.mediaDevices.enumerateDevices().catch(() => [] as MediaDeviceInfo[]);
  const named = (kind: MediaDeviceKind, fallback: string): DeviceName[] =>
    found
      .filter((device) => device.kind === kind)
      .map((device, at) => ({ id: device.deviceId, name: tidy(device.label) || `${fallback} ${at + 1}` }));
  return { cameras: named("videoinput", "Camera"), microphones: named("audioinput", "Microphone") };
}

/** Chromium appends USB ids such as "(046d:0825)" that tell nobody anything. */
function tidy(label: string): string {
  return label.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)$/i, "");
}

/**
 * Calls back when it may be worth asking again: permission given in the browser's own bar, a device plugged in, or the
 * person coming back to the page. Returns a function that stops listening.
 */
export function whenDevicesMayWork(again: () => void): () => void {
  const watched: PermissionStatus[] = [];
  let over = false;
  const onPermission = (event: globalThis.Event): void => {
    if ((event.target as PermissionStatus).state === "granted") again();
  };
  for (const name of ["camera", "microphone"] as const) {
    navigator.permissions
      ?.query({ name: name as PermissionName })
      .then((status) => {
        if (over) return;
        status.addEventListener("change", onPermission);
        watched.push(status);
      })
      .catch(() => undefined); // Not every browser lets these two be asked about.
  }
  navigator.mediaDevices?.addEventListener("devicechange", again);
  return () => {
    over = true;
    for (const status of watched) status.removeEventListener("change", onPermission);
    navigator.mediaDevices?.removeEventListener("devicechange", again);
  };
}

export function closeStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/**
 * Camera and microphone of a page, while it has them open. `changed` is called when anything here is different, `gone`
 * when an open device ended by itself: unplugged, or taken by another program.
 */
export class Devices {
  stream: MediaStream | null = null;
  /** What is wrong; asked again by itself when it may have changed. */
  trouble: DeviceTrouble | null = null;
  opening = false;
  readonly #changed: () => void;
  readonly #gone: (track: MediaStreamTrack) => void;
  #attempt = 0;
  /** What is being opened, or was last. */
  #wanted = "";
  #unwatch: (() => void) | null = null;

  constructor(changed: () => void, gone: (track: MediaStreamTrack) => void) {
    this.#changed = changed;
    this.#gone = gone;
  }

  /** What is asked for last counts, also while the browser still asks about something else. */
  async open(kind: Kind): Promise<void> {
    const wanted = JSON.stringify([kind, rememberedChoice()]);
    if (this.opening && wanted === this.#wanted) return;
    this.#wanted = wanted;
    const attempt = ++this.#attempt;
    this.opening = true;
    this.#changed();
    this.#let(null);
    try {
      const stream = await openDevices(kind);
      if (attempt !== this.#attempt) return closeStream(stream); // Closed, or asked for otherwise.
      this.#let(stream);
      this.#quiet();
      this.trouble = null;
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.trouble = error instanceof DeviceError ? error.code : "broken";
      this.#quiet();
      this.#unwatch = whenDevicesMayWork(() => void this.open(kind));
    }
    this.opening = false;
    this.#changed();
  }

  close(): void {
    this.#attempt++;
    this.opening = false;
    this.#quiet();
    this.#let(null);
  }

  #let(stream: MediaStream | null): void {
    closeStream(this.stream);
    this.stream = stream;
    for (const track of stream?.getTracks() ?? []) {
      track.addEventListener("ended", () => this.stream === stream && this.#gone(track));
    }
  }

  #quiet(): void {
    this.#unwatch?.();
    this.#unwatch = null;
  }
}

/** Which browser this is, only to draw the right address bar on the "permission denied" screen. */
export function browserFamily(agent: string = navigator.userAgent): "chromium" | "firefox" | "safari" | "other" {
  if (/firefox|fxios/i.test(agent)) return "firefox";
  if (/chrome|chromium|crios|edg/i.test(agent)) return "chromium";
  return /safari/i.test(agent) ? "safari" : "other";
}
