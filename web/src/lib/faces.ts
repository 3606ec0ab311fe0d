/**
 * Who somebody is at a glance. Members get a drawn portrait: nobody's photo is needed, an id always draws the same face,
 * and their colour is shirt and ring. Candidates never do, for a drawn face would say how a stranger looks: they are
 * their initials until a still of their own answers is there. `<gr-face>` does the same in server-rendered pages.
 */
import { html, nothing, svg, type TemplateResult } from "lit";

const SKINS = ["#f2ceb1", "#f0c9a8", "#e8b990", "#d9a57e", "#c08457", "#a4683f", "#7d4b33", "#6b412b"];
const HAIR = ["#16110e", "#2a1a16", "#4a2c1a", "#7a4a26", "#8c3b2a", "#b9823c", "#8d8a86"];
const MEMBERS = [
  ["#3b4cca", "#cfd5fb"],
  ["#17703f", "#c6e6d2"],
  ["#b45309", "#f6dfc0"],
  ["#8e3480", "#f2d7ec"],
  ["#0b7284", "#c9e8ed"],
  ["#9c2f2a", "#f5d3d0"],
  ["#5b6070", "#dcdfe6"],
  ["#086893", "#cbe5f2"],
  ["#5c3db0", "#ddd3f5"],
  ["#8f5c10", "#f1e0bd"],
  ["#4a7016", "#deebc6"],
  ["#b02f63", "#f8d5e1"],
] as const;
const CUTS = [
  svg`<path d="M9.5 17c0-8 5-11 10.5-11s10.5 3 10.5 11v11c-3 1.5-5 .5-5-2l-.5-9c-3.5 0-7-1.5-8.5-3.5-1 2-1.5 3-1.5 4.500l-.5 8c0 2.5-2 3.5-5 2z"></path>`,
  svg`<path d="M11.8 16.500c-.8-6.5 2.5-10.5 8.4-10.5 5.6 0 8.9 3.6 8 10.500l-1.2-3.200c-3.5.4-8.5-.3-11-2.3-1.3 1.5-2.8 3-4.2 5.500z"></path>`,
  svg`<path d="M11 16.500c-2-2-.8-4.5.8-5 .2-2.5 2.7-4 4.7-3.3 1.5-2 5.5-2 7 0 2.2-.7 4.5 1 4.6 3.3 1.7.7 2.7 3.2.9 5-.8-2-2.5-3.3-4-3.5-3 .6-7 .6-10 0-1.5.2-3.2 1.5-4 3.500z"></path>`,
  svg`<path d="M10 22c-1.5-10 3-16 10-16s11.5 6 10 16c-1.5 1.5-3.5 1-3.5-.5l-.7-6.500c-4 0-7.8-1.5-9.3-3-1 1.5-2 2.5-2.3 4l-.7 5.500c0 1.5-2 2-3.5.5z"></path>`,
  svg`<circle cx="20" cy="8" r="6.5"></circle><path d="M11.5 17c-.5-6 3-9.5 8.5-9.500s9 3.5 8.5 9.500c-2-3-4.5-4-8.5-4s-6.5 1-8.5 4z"></path>`,
  svg`<path d="M12 15.500c-.6-6.2 3-9.3 8-9.300s8.6 3.1 8 9.300c-1.2-2.8-3.9-4.3-8-4.300s-6.8 1.5-8 4.300z"></path>`,
];

export type Size = "" | "small" | "large";

/** FNV-1a: spreads ids that differ in one digit over all faces. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}

const pick = <T>(from: readonly T[], value: number): T => from[value % from.length]!;

/** The portrait of member `id`, dressed in `colour` (1 to 12; 0 leaves it to the id). */
function portrait(id: string, colour: number): TemplateResult {
  const seed = hash(id);
  const skin = pick(SKINS, seed);
  const [shirt, ground] = pick(MEMBERS, colour ? colour - 1 : seed >>> 9);
  return html`<svg viewBox="0 0 40 40" aria-hidden="true">
    <rect width="40" height="40" fill=${ground}></rect>
    <path fill=${shirt} d="M2.5 50c0-15 6.5-20.5 17.5-20.500s17.5 5.5 17.5 20.500z"></path>
    <path fill=${skin} d="M16.5 24h7v6.500c-2 2.5-5 2.5-7 0z"></path>
    <path fill="#0000001c" d="M16.5 26c2 2 5 2 7 0v2.500c-2 1-5 1-7 0z"></path>
    <ellipse cx="20" cy="18.5" rx="7.6" ry="9" fill=${skin}></ellipse>
    <g fill=${pick(HAIR, seed >>> 4)}>${pick(CUTS, seed >>> 14)}</g>
  </svg>`;
}

/** A member's round portrait. It is decoration: the name stands beside it, or on the element that holds it. */
export function avatar(id: string, colour = 0, size: Size = ""): TemplateResult {
  return html`<span class="avatar ${size}">${portrait(id, colour)}</span>`;
}

/** A candidate's initials on a tint that their id chooses. Decoration as well: the name stands beside it. */
export function initialsAvatar(id: string, name: string, size: Size = "", more: unknown = nothing): TemplateResult {
  return html`<span class="avatar initials c${(hash(id) % 12) + 1} ${more === nothing ? "" : "still"} ${size}"
    ><span aria-hidden="true">${initials(name)}</span>${more}</span
  >`;
}

/**
 * First letters of the first and the last word. Scripts without capitals get one: a Chinese name starts with the family
 * name, and two Arabic letters side by side would join into a word.
 */
export function initials(name: string): string {
  const letters = name
    .normalize("NFC")
    .split(/\s+/u)
    .map((word) => /\p{L}\p{M}*/u.exec(word)?.[0] ?? "")
    .filter(Boolean);
  const first = letters[0] ?? [...name.trim()][0] ?? "?";
  const last = letters.length > 1 ? letters.at(-1)! : "";
  const cased = (letter: string) => letter.toLocaleLowerCase() !== letter.toLocaleUpperCase();
  return cased(first) && last && cased(last) ? `${first}${last}`.toLocaleUpperCase() : first.toLocaleUpperCase();
}
