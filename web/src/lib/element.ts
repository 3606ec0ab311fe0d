/** The base of our elements: Lit without a shadow root, so that one style sheet, labels and tests reach everything. */
import { LitElement } from "lit";

export class LightElement extends LitElement {
  /** What the server put inside (a skeleton, or words for a page without script) makes room. */
  protected override createRenderRoot(): HTMLElement {
    this.replaceChildren();
    return this;
  }

  /** The first element inside that matches. */
  protected find<E extends HTMLElement = HTMLElement>(selector: string): E | null {
    return this.querySelector<E>(selector);
  }
}
