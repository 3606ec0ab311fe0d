/**
 * Drawn portraits: nobody's photo is needed or kept. A person's id always draws the same face; a member's colour is
 * their shirt and ring. `<gr-face who="id" colour="3">` does the same in server-rendered pages.
 */
import { html, svg, type TemplateResult } from "lit";

const SKINS = ["#f2ceb1", "#f0c9a8", "#e8b990", "#d9a57e", "#c08457", "#a4683f", "#7d4b33", "#6b412b"];
const HAIR = ["#16110e", "#2a1a16", "#4a2c1a", "#7a4a26", "#8c3b2a", "#b9823c", "#8d8a86"];
const SHIRTS = [
  "#7b8794",
  "#d0785a",
  "#a14a6b",
  "#3d6b8f",
  "#5c7f5a",
  "#c4573f",
  "#2f7d6d",
  "#4a4f7a",
  "#e4b04a",
  "#7a3e52",
];
const GROUNDS = [
  "#e4e8ec",
  "#f6e2d8",
  "#f4dfe8",
  "#d9e6ee",
  "#e3ecdc",
  "#f5dccb",
  "#d5ebe6",
  "#e2e1f0",
  "#f3e3cf",
  "#f3dde2",
];
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

/** FNV-1a: spreads ids that differ in one digit over all faces. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}

const pick = <T>(from: readonly T[], value: number): T => from[value % from.length]!;

/** The portrait of `id`; `colour` (1 to 12) dresses a member, 0 leaves the shirt to the id. */
export function portrait(id: string, colour = 0): TemplateResult {
  const seed = hash(id);
  const skin = pick(SKINS, seed);
  const [shirt, ground] = colour
    ? MEMBERS[(colour - 1) % MEMBERS.length]!
    : ([pick(SHIRTS, seed >>> 9), pick(GROUNDS, seed >>> 9)] as const);
  return html`<svg viewBox="0 0 40 40" aria-hidden="true">
    <rect width="40" height="40" fill=${ground}></rect>
    <path fill=${shirt} d="M2.5 50c0-15 6.5-20.5 17.5-20.500s17.5 5.5 17.5 20.500z"></path>
    <path fill=${skin} d="M16.5 24h7v6.500c-2 2.5-5 2.5-7 0z"></path>
    <path fill="#0000001c" d="M16.5 26c2 2 5 2 7 0v2.500c-2 1-5 1-7 0z"></path>
    <ellipse cx="20" cy="18.5" rx="7.6" ry="9" fill=${skin}></ellipse>
    <g fill=${pick(HAIR, seed >>> 4)}>${pick(CUTS, seed >>> 14)}</g>
  </svg>`;
}

/** A round portrait. It is decoration: the name stands beside it, or on the element that holds it. */
export function avatar(id: string, colour = 0, size: "" | "small" | "large" = ""): TemplateResult {
  return html`<span class="avatar ${size}">${portrait(id, colour)}</span>`;
}
