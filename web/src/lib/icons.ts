/** Icons from the sprite that `icons/*.svg` are built into; its address stands in `<html data-icons>`. */
import { html, type TemplateResult } from "lit";

const SVG = "http://www.w3.org/2000/svg";

const address = (name: string) => `${document.documentElement.dataset["icons"] ?? ""}#${name}`;

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
