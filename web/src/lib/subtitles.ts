/**
 * The captions of a film while it plays: a real text track, whose words the player draws itself, for it knows where its
 * controls are. Whether they are shown is remembered on this device.
 */

const REMEMBERED = "greenroom.captions";

type AppleVideo = HTMLVideoElement & { webkitDisplayingFullscreen?: boolean };

export class Subtitles {
  /** What is said just now; empty when nothing is, or when they are off. */
  line = "";
  on = remembered();
  #url = "";
  #video: AppleVideo | null = null;
  #element: HTMLTrackElement | null = null;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Shows the WebVTT file under `url` with this video; none when it is empty. */
  attach(video: HTMLVideoElement, url: string): void {
    if (video === this.#video && url === this.#url) return;
    this.#element?.remove();
    this.#element = null;
    // A phone shows a film in a player of its own, which knows nothing of ours.
    if (video !== this.#video) {
      video.addEventListener("webkitbeginfullscreen", () => this.#apply());
      video.addEventListener("webkitendfullscreen", () => this.#apply());
    }
    this.#video = video;
    this.#url = url;
    this.#say("");
    if (!url) return;
    const element = document.createElement("track");
    element.kind = "captions";
    element.label = "Captions";
    element.src = url;
    video.append(element);
    element.track.addEventListener("cuechange", () => this.#follow(element.track));
    this.#element = element;
    this.#apply();
  }

  toggle(): void {
    this.on = !this.on;
    try {
      localStorage.setItem(REMEMBERED, this.on ? "on" : "off");
    } catch {
      // It lasts as long as the page.
    }
    this.#apply();
    this.#changed();
  }

  #apply(): void {
    const track = this.#element?.track;
    if (!track) return;
    track.mode = !this.on ? "disabled" : this.#video?.webkitDisplayingFullscreen ? "showing" : "hidden";
    this.#follow(track);
  }

  #follow(track: TextTrack): void {
    const now = this.#video?.currentTime ?? 0;
    // Chromium counts a cue as active also at its very end, where the next one begins.
    const cues = this.on ? [...(track.activeCues ?? [])].filter((cue) => cue.endTime > now) : [];
    this.#say(cues.map((cue) => (cue as VTTCue).getCueAsHTML().textContent ?? "").join("\n"));
  }

  #say(line: string): void {
    if (line === this.line) return;
    this.line = line;
    this.#changed();
  }
}

function remembered(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== "off";
  } catch {
    return true;
  }
}
