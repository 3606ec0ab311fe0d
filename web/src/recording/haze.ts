/**
 * `<gr-haze>`: oneself out of focus, drawn over the `video.self` beside it while one thinks.
 *
 * A few colours, five times a second. A filter over the live picture looks the same and takes most of a core where no
 * graphics card helps; the machine then records with what is left.
 */

const EVERY_MS = 200;
const COARSE = { width: 24, height: 14 };
const SMOOTH = { width: 192, height: 112 };

export class HazeElement extends HTMLElement {
  #coarse = Object.assign(document.createElement("canvas"), COARSE);
  #smooth = Object.assign(document.createElement("canvas"), SMOOTH);
  #timer = 0;

  connectedCallback(): void {
    this.setAttribute("aria-hidden", "true");
    this.append(this.#smooth);
    this.#timer = window.setInterval(() => this.#draw(), EVERY_MS);
  }

  disconnectedCallback(): void {
    window.clearInterval(this.#timer);
  }

  /** What of the picture fits the canvas, as `object-fit: cover` has it; nothing before the first picture. */
  #draw(): void {
    const video = this.parentElement?.querySelector<HTMLVideoElement>("video.self");
    const coarse = this.#coarse.getContext("2d");
    const smooth = this.#smooth.getContext("2d");
    if (!video?.videoWidth || !coarse || !smooth) return;
    const { width, height } = COARSE;
    const scale = Math.max(width / video.videoWidth, height / video.videoHeight);
    const [wide, high] = [video.videoWidth * scale, video.videoHeight * scale];
    coarse.imageSmoothingQuality = smooth.imageSmoothingQuality = "high";
    coarse.drawImage(video, (width - wide) / 2, (height - high) / 2, wide, high);
    smooth.drawImage(this.#coarse, 0, 0, SMOOTH.width, SMOOTH.height);
  }
}

customElements.define("gr-haze", HazeElement);
