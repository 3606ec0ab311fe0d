/** A portrait as an element, for code without Lit templates, and `<gr-face>` for server-rendered pages. */
import { render } from "lit";
import { avatar, initialsAvatar } from "./faces.ts";

export function faceElement(id: string, colour = 0): HTMLElement {
  const holder = document.createElement("span");
  render(avatar(id, colour, "small"), holder);
  return holder.firstElementChild as HTMLElement;
}

class Face extends HTMLElement {
  connectedCallback(): void {
    const size = this.getAttribute("size");
    const known = size === "small" || size === "large" ? size : "";
    this.replaceChildren();
    const who = this.getAttribute("who") ?? "";
    const name = this.getAttribute("name"); // a candidate's: they are not drawn
    render(
      name ? initialsAvatar(who, name, known) : avatar(who, Number(this.getAttribute("colour") ?? 0), known),
      this,
    );
  }
}

customElements.define("gr-face", Face);
