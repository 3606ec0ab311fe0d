/**
 * Lets the first half of a double tap count, and nothing of the second: by then another button stands there, and "Finish"
 * pressed twice by a nervous thumb must not hand a take in that nobody has watched. A key that is held counts once, too.
 */

const APART_MS = 400;
const APART_PX = 24;

export class DoubleTap {
  #when = -Infinity;
  #x = 0;
  #y = 0;

  /** Heard before the buttons are: clicks, and the keys that press them. */
  handleEvent = (event: MouseEvent | KeyboardEvent): void => {
    if (!(event.target as Element).closest("button")) return;
    if ("repeat" in event ? !this.#held(event) : !this.#again(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  #held({ repeat, key }: KeyboardEvent): boolean {
    return repeat && (key === "Enter" || key === " ");
  }

  #again({ detail, timeStamp, clientX, clientY }: MouseEvent): boolean {
    if (detail === 0) return false; // pressed by a key, which is nowhere
    const near = Math.hypot(clientX - this.#x, clientY - this.#y) < APART_PX;
    const soon = timeStamp - this.#when < APART_MS;
    this.#when = timeStamp;
    this.#x = clientX;
    this.#y = clientY;
    return soon && near;
  }
}
