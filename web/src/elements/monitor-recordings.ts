/** The monitor's table of recordings under way: who, where, since when, and how they come in. Nobody's picture or sound. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { initialsAvatar } from "../lib/faces.ts";
import { sparkline } from "../lib/sparkline.ts";
import { clock, many } from "../lib/time.ts";
import type { MonitorView, Reception, RecorderRow, RecordingRow } from "../live/protocol.gen.ts";
import type { Kept } from "./monitor-tiles.ts";

const STATES: Record<RecordingRow["state"], readonly [string, string]> = {
  connecting: ["info", "Connecting"],
  recording: ["bad pulsing", "Recording"],
  sending: ["warn pulsing", "Sending a file"],
  processing: ["warn", "Making ready"],
};
const ROUGH = 0.02; // of the packets: shown as a warning from here on
const NOTHING = html`<span class="muted">–</span>`;

export function recordingTable(
  rows: readonly RecordingRow[],
  view: MonitorView,
  kept: readonly Kept[],
  now: number,
  words: string,
): TemplateResult {
  const nodes = new Map(view.recorders.map((one) => [one.name, one]));
  return html`<header class="row">
      <h2 id="monitor-recordings">Recordings</h2>
      <span class="num muted">${rows.length}</span><span class="grow"></span>
      <span class="muted wide">Counts and quality only. No candidate video is shown here.</span>
    </header>
    ${
      rows.length
        ? html`<div class="scroll" role="region" aria-labelledby="monitor-recordings" tabindex="0">
            <table class="figures recordings">
              <thead>
                <tr>
                  <th>Candidate</th>
                  <th>State</th>
                  <th class="r wide">Picture</th>
                  <th class="r wide">Bitrate</th>
                  <th class="r wide">Loss, recovered</th>
                  <th class="wide">Node</th>
                  <th class="r">For</th>
                </tr>
              </thead>
              <tbody>
                ${repeat(
                  rows,
                  (row) => row.recording,
                  (row) => recordingRow(row, nodes.get(row.node), kept, now),
                )}
              </tbody>
            </table>
          </div>`
        : html`<p class="muted quietly">
            ${words && view.recordings.length ? "No recording fits what you look for." : "Nobody is recording just now."}
          </p>`
    }`;
}

function recordingRow(row: RecordingRow, node: RecorderRow | undefined, kept: readonly Kept[], now: number) {
  const [look, state] = STATES[row.state];
  const name = row.name || "Job video"; // nobody's answer: the team records it
  const coming = row.reception;
  return html`<tr>
    <td>
      <span class="row"
        >${initialsAvatar(row.application ?? row.recording, name)}<span class="grow"
          ><b class="cut" dir="auto" title=${name}>${name}</b
          ><span class="muted cut" title=${row.job}>${row.job}</span></span
        ></span
      >
    </td>
    <td>
      <span class="badge ${look}"
        >${state}${row.state === "recording" && row.question ? ` answer ${row.question}` : ""}</span
      >
      <span class="muted cut under">${place(row)}</span>
      ${coming ? html`<span class="muted narrow">${inShort(coming)}</span>` : nothing}
    </td>
    <td class="r num wide">${coming ? picture(coming) : NOTHING}</td>
    <td class="r num wide">${coming ? bitrate(row, coming, kept) : silence(row, node)}</td>
    <td class="r num wide">${coming ? loss(coming) : NOTHING}</td>
    <td class="wide">
      <span class="mono" title=${row.node}>${row.node || "–"}</span>
      ${node?.limit ? html`<span class="muted cut num">${node.load} of ${node.limit} taken</span>` : nothing}
    </td>
    <td class="r num">${clock((now - Date.parse(row.since)) / 1_000)}</td>
  </tr>`;
}

function place(row: RecordingRow): string {
  if (row.question === null) return "By the team";
  return `${row.state === "recording" ? "" : `Answer ${row.question}, `}Take ${row.take}`;
}

function picture({ width, height, packets }: Reception): TemplateResult {
  if (width) return html`${width} × ${height}`;
  return html`<span class="muted">${packets ? "sound only" : "none yet"}</span>`;
}

function bitrate(row: RecordingRow, coming: Reception, kept: readonly Kept[]): TemplateResult {
  const past = kept.map((one) => one.bitrates.get(row.recording)).filter((rate) => rate !== undefined);
  if (coming.silent) return html`<span class="badge warn">nothing comes</span>`;
  return html`<span class="row pace"
    >${sparkline(past.slice(-30))}<span>${megabits(coming)} <small>Mb/s</small></span></span
  >`;
}

/** Why there is nothing to tell, when there should be. */
function silence(row: RecordingRow, node: RecorderRow | undefined): TemplateResult {
  if (row.state !== "recording" || node?.answers) return NOTHING;
  return html`<span class="badge warn">no answer</span>`;
}

/** How much was missing at first; under it, how much of that came after all. */
function loss(coming: Reception): TemplateResult {
  const missed = coming.recovered + coming.lost;
  const tone = coming.lost ? "bad" : share(coming) >= ROUGH ? "warn" : "";
  const came = coming.lost ? `${coming.recovered} of ${missed}` : `all of ${missed}`;
  return html`<span class="loss ${tone}">${percent(coming)}</span>${
      missed
        ? html`<span class="muted cut" title="${many(missed, "packet")} missing at first, ${coming.lost} for good"
            >${came}</span
          >`
        : nothing
    }`;
}

function share({ packets, recovered, lost }: Reception): number {
  return packets + lost ? (recovered + lost) / (packets + lost) : 0;
}

function percent(coming: Reception): string {
  return `${(share(coming) * 100).toLocaleString("en-GB", { maximumFractionDigits: 1 })}%`;
}

function megabits({ bitrate: rate }: Reception): string {
  return (rate / 1e6).toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function inShort(coming: Reception): string {
  const size = coming.width ? `${coming.width} × ${coming.height}, ` : "";
  const gone = coming.lost ? `, ${many(coming.lost, "packet")} lost` : "";
  return `${size}${megabits(coming)} Mb/s, ${percent(coming)} loss${gone}`;
}
