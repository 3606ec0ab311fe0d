/** The monitor's tables of people connected and of processes. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { avatar, initialsAvatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { ago, many, timeOfDay } from "../lib/time.ts";
import type { MonitorView, ProcessRow, RecorderRow, SessionRow } from "../live/protocol.gen.ts";
import { endSession } from "./monitor-ending.ts";
import { milliseconds } from "./monitor-tiles.ts";

export type Kind = "all" | "members" | "candidates";

/** Whether one of the texts holds what is looked for. */
export function fits(words: string, ...texts: (string | null)[]): boolean {
  return !words || texts.some((text) => text?.toLocaleLowerCase().includes(words));
}

export function peopleTable(
  rows: readonly SessionRow[],
  view: MonitorView,
  now: number,
  words: string,
  kind: Kind,
  choose: (kind: Kind) => void,
  ended: () => void,
): TemplateResult {
  const members = rows.filter((row) => row.role !== null);
  const candidates = rows.filter((row) => row.role === null);
  const shown = { all: rows, members, candidates }[kind];
  const button = (name: Kind, label: string) =>
    html`<button type="button" aria-pressed=${String(kind === name)} @click=${() => choose(name)}>${label}</button>`;
  return html`<header class="row second">
      <h2 id="monitor-people">Connected people</h2>
      <span class="num muted">${rows.length}</span><span class="grow"></span>
      <div class="tabs segment" role="group" aria-label="Show">
        ${button("all", "All")} ${button("members", `Members ${members.length}`)}
        ${button("candidates", `Candidates ${candidates.length}`)}
      </div>
    </header>
    ${
      shown.length
        ? html`<div class="scroll" role="region" aria-labelledby="monitor-people" tabindex="0">
            <table class="figures people">
              <thead>
                <tr>
                  <th>Person</th>
                  <th>Doing</th>
                  <th class="wide">Device</th>
                  <th class="r wide">Tabs</th>
                  <th class="wide">Process</th>
                  <th class="r">Since</th>
                  <th><span class="sr">Action</span></th>
                </tr>
              </thead>
              <tbody>
                ${repeat(
                  shown,
                  (row) => row.session,
                  (row) => personRow(row, now, ended),
                )}
              </tbody>
            </table>
          </div>`
        : html`<p class="muted quietly">
            ${words && view.sessions.length ? "Nobody connected fits what you look for." : "Nobody of these is connected."}
          </p>`
    }`;
}

function personRow(row: SessionRow, now: number, ended: () => void): TemplateResult {
  const face = row.role === null ? initialsAvatar(row.who, row.name) : avatar(row.who, row.colour);
  const role = row.role === null ? "Candidate" : `${row.role[0]!.toUpperCase()}${row.role.slice(1)}`;
  const idle = row.idle ? Math.floor((now - Date.parse(row.idle)) / 60_000) : 0;
  return html`<tr>
    <td>
      <span class="row"
        >${face}<span class="grow"
          ><b class="cut" dir="auto" title=${row.name}>${row.name}</b
          ><span class="muted cut">${row.job ? `${role}, ${row.job}` : role}</span></span
        ></span
      >
    </td>
    <td>
      <span class="cut" title=${row.doing}>${row.doing}</span>
      ${row.idle ? html`<span class="muted cut">Idle ${idle < 1 ? "" : `${idle} min`}</span>` : nothing}
      <span class="muted cut narrow">${row.device}, ${timeOfDay(row.since)}</span>
    </td>
    <td class="wide">
      <span class="row gadget">${icon(row.handheld ? "phone" : "laptop")}<span class="cut">${row.device}</span></span>
    </td>
    <td class="r num wide">${row.tabs}</td>
    <td class="mono wide">${row.processes.join(", ")}</td>
    <td class="r num">${timeOfDay(row.since)}</td>
    <td class="r">
      <button
        type="button"
        class="button quiet endit"
        aria-disabled=${String(row.keeping !== null)}
        aria-label="End the session of ${row.name} on ${row.device}"
        @click=${() => void endSession(row, ended)}
      >
        End
      </button>
    </td>
  </tr>`;
}

export function processTable(view: MonitorView): TemplateResult {
  return html`<header class="row second">
      <h2 id="monitor-processes">Processes</h2>
      <span class="num muted">${view.processes.length + view.recorders.length}</span><span class="grow"></span>
      <span class="muted wide">Of the whole installation</span>
    </header>
    <div class="scroll" role="region" aria-labelledby="monitor-processes" tabindex="0">
      <table class="figures processes">
        <thead>
          <tr>
            <th>Process</th>
            <th class="r">Sockets</th>
            <th class="r">Events/s</th>
            <th class="r">Delay p50, p95</th>
            <th class="r">Redis</th>
            <th class="r">Postgres</th>
            <th class="r" title="Events sent again to those who came back">Replays</th>
            <th class="r" title="Holes filled from the log">Refills</th>
            <th class="r" title="Tabs that had to fetch everything anew">Resyncs</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(view.processes, (row) => row.name, processRow)}
          ${repeat(
            view.recorders,
            (row) => row.name,
            (row) =>
              html`<tr>
                <td><span class="mono">${row.name}</span><span class="muted cut">Recorder</span></td>
                <td colspan="8">
                  ${load(row)}${row.answers ? nothing : html` <span class="badge bad">does not answer</span>`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function load(row: RecorderRow): string {
  return row.limit ? `${row.load} of ${row.limit} recordings` : `${many(row.load, "recording")}, takes no more`;
}

function processRow(row: ProcessRow): TemplateResult {
  const trip = (fine: boolean, ms: number | null) =>
    fine && ms !== null
      ? html`<td class="r num">${milliseconds(ms)} <small>ms</small></td>`
      : html`<td class="r"><span class="badge bad">away</span></td>`;
  return html`<tr>
    <td>
      <span class="mono">${row.name}</span
      ><span class="muted cut" title="on ${row.host}">Web, started ${ago(row.started)}</span>
    </td>
    <td class="r num">${row.sockets}</td>
    <td class="r num">${row.events_per_second.toLocaleString("en-GB")}</td>
    <td class="r num">
      ${
        row.p50 === null || row.p95 === null
          ? html`<span class="muted">no event</span>`
          : html`${milliseconds(row.p50)}, ${milliseconds(row.p95)} <small>ms</small>`
      }
    </td>
    ${trip(row.bus, row.bus_ms)} ${trip(row.database, row.database_ms)}
    <td class="r num">${row.replays}</td>
    <td class="r num">${row.refills}</td>
    <td class="r num">${row.resyncs}</td>
  </tr>`;
}
