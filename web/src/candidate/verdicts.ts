/** The results of the device check, one line each, in plain words. Pure templates. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import type { Kind } from "../recording/devices.ts";
import { NETWORK_WORDS, type NetworkResult } from "./network.ts";
import type { Rehearsal } from "./rehearsal.ts";

export interface Checked {
  kind: Kind;
  stream: MediaStream | null;
  /** The microphone has caught something; "unmeasured" where this browser cannot tell. */
  heard: boolean;
  unmeasured: boolean;
  dark: boolean;
  network: NetworkResult | null;
  rehearsal: Rehearsal;
}

function line(
  mark: "ok" | "wait" | "no",
  glyph: string,
  title: string,
  what: string,
  act: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  return html`<li>
    <span class="mark ${mark}">${icon(glyph)}</span>
    <div role="status"><b>${title}</b><small>${what}</small></div>
    ${act}
  </li>`;
}

export function pictureAndSound({ kind, stream, heard, unmeasured, dark, rehearsal }: Checked): TemplateResult {
  const picture = kind === "video";
  if (!stream) {
    const title = picture ? "Camera and microphone" : "Microphone";
    return line("wait", picture ? "video" : "mic", title, "Allow them when your browser asks.");
  }
  const quiet = !heard && rehearsal.stage !== "done";
  if (quiet && unmeasured) {
    return line(
      "wait",
      "mic",
      picture ? "Camera and microphone are on" : "Your microphone is on",
      "This browser does not show how loud you are. Press “Try it” and listen.",
    );
  }
  if (quiet) {
    const title = picture ? "We see you. Say something" : "Say something";
    return line("wait", "mic", title, "A sentence is enough; the bars should move.");
  }
  if (picture && dark) {
    return line("wait", "sun", "We hear you, but it is rather dark", "Turn towards a window or switch a lamp on.");
  }
  return line(
    "ok",
    "check",
    picture ? "Picture and sound are good" : "Your sound is good",
    picture ? "We see you and your voice is clear." : "Your voice is clear.",
  );
}

export function networkLine({ network, kind }: Checked, soundOnly: () => void): TemplateResult {
  if (!network) return line("wait", "sync", "Trying your network", "A few seconds.");
  const { title, what } = NETWORK_WORDS[network.verdict];
  if (network.verdict === "dead") return line("no", "offline", title, what);
  if (network.verdict !== "poor") return line("ok", "check", title, what);
  const act = html`<button type="button" class="button" @click=${soundOnly}>Sound only</button>`;
  return line("wait", "alert", title, what, kind === "video" ? act : nothing);
}

export function hearYourself({ stream, rehearsal }: Checked, listen: () => void): TemplateResult {
  const { stage } = rehearsal;
  const label = { "": "Try it", recording: "Listening", playing: "Playing", done: "Once more", failed: "Once more" };
  const what =
    stage === "done"
      ? "Played and forgotten."
      : stage === "failed"
        ? "This browser could not do it. Recording may still work."
        : "3 seconds, played back, then forgotten.";
  return line(
    stage === "done" ? "ok" : "wait",
    stage === "done" ? "check" : "play",
    "Hear yourself",
    what,
    html`<button type="button" class="button" ?disabled=${!stream || rehearsal.busy} @click=${listen}>
      ${label[stage]}
    </button>`,
  );
}
