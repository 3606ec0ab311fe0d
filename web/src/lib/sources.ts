/** Which file of a recording a browser plays: what was recorded, or the MP4 copy. */

export type MovieState = "" | "waiting" | "ready" | "failed";

/** What belongs to a recording beside its file. */
export interface Extras {
  mime: string;
  mp4: string;
  captions: string;
  movie?: MovieState;
  movie_percent?: number;
}

export interface Film {
  /** What was recorded or sent; empty while there is nothing. */
  src: string;
  /** Its media type; empty for what this page recorded itself. */
  mime: string;
  /** The MP4 copy; empty while there is none. */
  mp4: string;
}

/** What recorders and browsers write, with their codecs: to the container alone browsers say "maybe". */
const CODECS: Record<string, string> = {
  "": "",
  "video/webm": 'video/webm; codecs="vp8, opus"',
  "audio/webm": 'audio/webm; codecs="opus"',
};
const COPY = 'video/mp4; codecs="avc1.64001F, mp4a.40.2"';

/**
 * What this browser says it can play, best first. A file that was sent may hold anything under its type, so that its copy
 * comes first.
 */
export function sources({ src, mime, mp4 }: Film, plays = canPlay): string[] {
  const type = CODECS[mime] ?? mime;
  const recorded = src && (!type || plays(type)) ? [src] : [];
  const copied = mp4 && plays(COPY) ? [mp4] : [];
  return mime in CODECS ? [...recorded, ...copied] : [...copied, ...recorded];
}

function canPlay(type: string): boolean {
  return document.createElement("video").canPlayType(type) !== "";
}

/** Chooses, keeps to what plays, and goes on to the next file when one does not. */
export class Choice {
  #failed = new Set<string>();
  #src = "";
  #chosen = "";
  readonly #plays: (type: string) => boolean;

  constructor(plays = canPlay) {
    this.#plays = plays;
  }

  /** The file to play now; empty when there is none that this browser can. */
  of(film: Film): string {
    if (film.src !== this.#src) this.#failed.clear();
    this.#src = film.src;
    const able = sources(film, this.#plays).filter((url) => !this.#failed.has(url));
    if (!able.includes(this.#chosen)) this.#chosen = able[0] ?? "";
    return this.#chosen;
  }

  /** The file does not play; whether there is another to try. */
  fails(film: Film): boolean {
    this.#failed.add(this.#chosen);
    return this.of(film) !== "";
  }

  /** Everything may be tried again. */
  forgive(): void {
    this.#failed.clear();
  }
}

/** Why there is nothing to play here, and what will help. */
export function unplayable(movie: MovieState, percent: number): string {
  if (movie === "waiting") return `This browser needs another kind of file. It is being prepared: ${percent} %.`;
  return "This browser cannot play this recording. Chrome, Edge, Firefox and a newer Safari can.";
}
