/**
 * A panel at the right edge, over the page but not in its way: the rest can be used on. One at a time. Escape closes the
 * panel, wherever the focus is, and the focus goes back to where it came from.
 */
import { iconElement } from "./icons.ts";

let open: SidePanel | null = null;

export class SidePanel {
  readonly element = document.createElement("section");
  readonly body = document.createElement("div");
  private readonly heading = document.createElement("h2");
  private readonly back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  private readonly page = document.querySelector("main") ?? document.body;
  private readonly stop = new AbortController();

  /** `closed` may say where the focus goes instead; null leaves it to the panel. */
  constructor(
    private readonly name: string,
    private readonly closed: () => HTMLElement | null,
  ) {
    open?.close();
    open = this;
    const { element, heading, body } = this;
    element.className = `sidepanel ${name}`;
    element.tabIndex = -1;
    element.setAttribute("role", "dialog");
    element.setAttribute("aria-labelledby", "sidepanel-title");
    heading.id = "sidepanel-title";
    heading.className = "cut";
    heading.dir = "auto";
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button quiet icon";
    close.setAttribute("aria-label", "Close");
    close.append(iconElement("close"));
    close.addEventListener("click", () => this.close());
    const header = document.createElement("header");
    header.append(heading, close);
    element.append(header, body);
    // Classes, and no :has(): with that, every card that comes or goes would be asked about.
    this.page.classList.add("beside", `${name}ing`);
    this.page.append(element);
    window.addEventListener("keydown", this.escape, { capture: true, signal: this.stop.signal });
    element.focus();
  }

  set title(words: string) {
    this.heading.textContent = words;
  }

  get isOpen(): boolean {
    return open === this;
  }

  close(): void {
    if (open !== this) return;
    open = null;
    this.stop.abort();
    const inside = this.element.contains(document.activeElement);
    const back = this.closed() ?? this.back;
    this.element.remove();
    this.page.classList.remove("beside", `${this.name}ing`);
    if (inside || document.activeElement === document.body) back?.focus({ preventScroll: true });
  }

  private escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || document.querySelector("dialog[open], :popover-open")) return;
    if (document.querySelector(".dragging")) return; // a drag has it first
    event.preventDefault();
    event.stopPropagation();
    this.close();
  };
}
