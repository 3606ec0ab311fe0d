/** The few drawings the recorder and the candidate's pages need in script; 16 px grid, stroke only. */

import { svg, html, type TemplateResult } from "lit";

const PATHS = {
  check: "m3 8.5 3.2 3L13 4.5",
  play: "M5 3.2v9.6L12.8 8z",
  pause: "M5.5 3v10M10.5 3v10",
  right: "m6 3 5 5-5 5",
  down: "m4 6 4 4 4-4",
  up: "M8 13V3M4 7l4-4 4 4",
  pen: "m2.5 13.5.7-3L10.8 3 13 5.2l-7.5 7.6zM9.4 4.4l2.2 2.2",
  save: "M8 2.5v8M4.5 7.2 8 10.7l3.5-3.5M2.8 13.5h10.4",
  upload: "M8 10.7v-8M4.5 6 8 2.5 11.500 6M2.8 13.5h10.4",
  cloud: "M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7-.4 3.2 3.2 0 0 1-.4 6.4z",
  camera: "M1.5 4h9v8h-9zM10.5 7l4-2.5v7l-4-2.5",
  nocamera: "M1.5 4h9v8h-9zM10.5 7l4-2.5v7l-4-2.5M1.5 1.5l13 13",
  microphone: "M8 10a2.2 2.2 0 0 0 2.2-2.2V4.2a2.2 2.2 0 0 0-4.400 0v3.6A2.2 2.2 0 0 0 8 10ZM3.8 7.5a4.2 4.2 0 0 0 8.4 0M8 11.8V14",
  offline: "M1.8 6.2a9 9 0 0 1 12.4 0M4 8.7a5.8 5.8 0 0 1 8 0M6.2 11a2.6 2.6 0 0 1 3.6 0M8 13.2h.01M2 2l12 12",
  network: "M1.8 6.2a9 9 0 0 1 12.4 0M4 8.7a5.8 5.8 0 0 1 8 0M6.2 11a2.6 2.6 0 0 1 3.6 0M8 13.2h.01",
  again: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  send: "M2 8 14 2.5 9.5 14 7.5 9z",
  speaker: "M2 6h2.5L8 3v10L4.5 10H2zM10.5 5.5a3.5 3.5 0 0 1 0 5M12.5 3.5a6.3 6.3 0 0 1 0 9",
  silent: "M2 6h2.5L8 3v10L4.5 10H2zM11 6l3.500 4M14.500 6 11 10",
  eye: "M1.5 8s2.3-4.5 6.5-4.5S14.5 8 14.5 8 12.2 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  plus: "M8 3v10M3 8h10",
  safe: "M8 1.8 13 3.5v4c0 3.2-2 5.6-5 6.7-3-1.1-5-3.5-5-6.7v-4zM5.8 8l1.6 1.6 2.9-3.1",
  phone: "M5 1.8h6a1 1 0 0 1 1 1v10.4a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V2.8a1 1 0 0 1 1-1ZM7.2 12h1.6",
  computer: "M3 3.5h10v7H3zM1.5 13h13",
  voice: "M2 6.5v3M5 4.5v7M8 2.5v11M11 5v6M14 6.5v3",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  link: "M6.8 9.2a2.5 2.5 0 0 0 3.6 0l2-2a2.5 2.5 0 0 0-3.6-3.6l-.8.8M9.2 6.8a2.5 2.5 0 0 0-3.6 0l-2 2a2.5 2.5 0 0 0 3.6 3.6l.8-.8",
  lock: "M4 7.500h8v6H4zM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.2l2 1.3",
  help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.2h.01",
  paper: "M4 1.8h5L12.5 5v9.2H4zM9 1.8V5h3.5",
  sliders: "M2 5h7M12.500 5H14M2 11h1.500M7 11h7M10.700 6.700a1.700 1.700 0 1 0 0-3.400 1.700 1.700 0 0 0 0 3.400ZM5.300 12.700a1.700 1.700 0 1 0 0-3.400 1.700 1.700 0 0 0 0 3.400Z",
  warning: "M8 2.500 14.500 13.500h-13zM8 6.500v3.200M8 11.600h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): TemplateResult {
  return html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true">${svg`<path d=${PATHS[name]}></path>`}</svg>`;
}
