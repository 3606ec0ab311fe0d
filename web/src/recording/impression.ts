/** What nobody would hear or see of a recording, judged by the numbers of media/senses.py, where their reasons are. Pure. */

export type Warning = "silent" | "black";

const VOICE_DB = -50;
const VOICED_SHARE = 0.02;
const FEWEST_VOICED = 2;
const DARK = 0.1 * 255;
const DARK_PIXELS = 0.98;
const LIT_SHARE = 0.1;

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
