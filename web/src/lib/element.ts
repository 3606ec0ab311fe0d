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

/** A large element that is not drawn while its page is hidden: of twenty open tabs, one costs anything. */
export class RestingElement extends LightElement {
  /** What changes meanwhile is drawn once, when somebody looks again. The first drawing does not wait. */
  protected override scheduleUpdate(): void | Promise<unknown> {
    if (!document.hidden || !this.hasUpdated) return super.scheduleUpdate();
    return seen().then(() => super.scheduleUpdate());
  }
}

let looked: Promise<void> | null = null;

/** Resolves when the page is looked at again. */
function seen(): Promise<void> {
  looked ??= new Promise((resolve) => {
    document.addEventListener(
      "visibilitychange",
      () => {
        looked = null;
        resolve();
      },
      { once: true },
    );
  });
  return looked;
}
