/** Icons from the sprite that `icons/*.svg` are built into; its address stands in `<html data-icons>`. */
import { html, type TemplateResult } from "lit";

const SVG = "http://www.w3.org/2000/svg";

const file = document.documentElement.dataset["icons"] ?? "";
let near = false; // the sprite is in this page
const address = (name: string) => `${near ? "" : file}#i-${name}`;

/**
 * Puts the sprite into the page. An icon from the file appears a frame after what holds it, which is a second layout of
 * the page each time; for pages that draw icons all day long.
 */
export async function bringIcons(): Promise<void> {
  const reply = await fetch(file).catch(() => null);
  if (!reply?.ok) return; // then they go on coming from the file
  const holder = document.createElement("div");
  holder.hidden = true;
  holder.innerHTML = await reply.text();
  document.body.append(holder);
  near = true;
}

/** An icon for a Lit template. It is decoration: whatever holds it has a name of its own. */
export function icon(name: string): TemplateResult {
  return html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><use href=${address(name)}></use></svg>`;
}

/** The same as an element, for code without Lit. */
export function iconElement(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", address(name));
  svg.append(use);
  return svg;
}
