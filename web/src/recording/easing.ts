/**
 * Whether the copy takes too much from the picture that goes out. Pure.
 *
 * Twice a second it is told how many pictures the camera gives and how many go out. When far fewer go out, and not
 * because the network is narrow, the copy is made smaller first; if that does not help it must stop.
 */

export type Ease = "" | "less" | "stop";

/** This share of the camera's pictures must go out. */
const ENOUGH = 0.6;
/** Looks, half a second apart, before anything is done, and before more is done. */
const PATIENCE = 6;
const AFTER_EASING = 12;

export class Easing {
  #short = 0;
  #eased = false;
  #rest = 0;

  /** Pictures per second of the camera and of the stream; `narrow`: the network limits it. */
  look(camera: number, sent: number, narrow: boolean): Ease {
    if (this.#rest > 0) {
      this.#rest--;
      return "";
    }
    this.#short = camera > 0 && !narrow && sent < camera * ENOUGH ? this.#short + 1 : 0;
    if (this.#short < PATIENCE) return "";
    this.#short = 0;
    if (this.#eased) return "stop";
    this.#eased = true;
    this.#rest = AFTER_EASING;
    return "less";
  }
}
