/** The monitor's six numbers, each with how it went in the last minutes. What has no data behind it is not here. */
import { html, nothing, type TemplateResult } from "lit";
import { sparkline } from "../lib/sparkline.ts";
import { many } from "../lib/time.ts";
import type { MonitorView } from "../live/protocol.gen.ts";

/** What the page itself remembers: no process counts these. */
export interface Kept {
  at: number;
  recordings: number;
  people: number;
  rate: number;
  bitrates: ReadonlyMap<string, number>; // by recording
}

const KEEP_MS = 10 * 60_000;
const GOAL_MS = 250;

/** Adds how it stands now and forgets what is older than ten minutes. */
export function remember(kept: readonly Kept[], view: MonitorView): Kept[] {
  const now = Date.parse(view.at);
  const people = new Set(view.sessions.map((one) => one.who)).size;
  const coming = view.recordings.flatMap((one) =>
    one.reception ? [[one.recording, one.reception.bitrate] as const] : [],
  );
  const moment = {
    at: now,
    recordings: running(view),
    people,
    rate: view.events_per_second,
    bitrates: new Map(coming),
  };
  return [...kept.filter((one) => one.at > now - KEEP_MS), moment];
}

const running = (view: MonitorView): number =>
  view.recordings.filter((one) => one.state === "recording" || one.state === "connecting").length;

export function tiles(view: MonitorView, kept: readonly Kept[]): TemplateResult {
  const delays = view.processes.map((one) => one.p95).filter((delay) => delay !== null);
  const delay = delays.length ? Math.max(...delays) : null;
  const sockets = view.processes.reduce((sum, one) => sum + one.sockets, 0);
  const candidates = new Set(view.sessions.filter((one) => one.role === null).map((one) => one.who)).size;
  const members = new Set(view.sessions.filter((one) => one.role !== null).map((one) => one.who)).size;
  const mended = view.history.reduce((sum, point) => sum + point.mended, 0);
  const room = view.recorders.reduce((sum, one) => sum + Math.max(0, one.limit - one.load), 0);
  return html`<ul class="tiles" aria-label="Six numbers and the last ten minutes">
    ${tile(
      "Live recordings",
      String(running(view)),
      sparkline(
        kept.map((one) => one.recordings),
        true,
      ),
      room ? `room for ${room} more` : "no room for more",
      view.recorders.length ? "" : "bad",
    )}
    ${tile(
      "People connected",
      String(members + candidates),
      sparkline(
        kept.map((one) => one.people),
        true,
      ),
      `${many(members, "member")}, ${many(candidates, "candidate")}`,
    )}
    ${tile(
      "Web sockets",
      String(sockets),
      sparkline(
        view.history.map((point) => point.sockets),
        true,
      ),
      `all workspaces, ${many(view.processes.length, "process", "processes")}`,
    )}
    ${tile("Event delay, p95", delay === null ? "–" : milliseconds(delay), sparkline(view.history.map((point) => point.p95)), delay === null ? "no event in the last minute" : `goal ${GOAL_MS} ms`, delay === null ? "" : delay <= GOAL_MS ? "good" : "bad", delay === null ? "" : "ms")}
    ${tile("Events per second", view.events_per_second.toLocaleString("en-GB"), sparkline(kept.map((one) => one.rate)), "all workspaces")}
    ${tile(
      "Caught up",
      String(mended),
      sparkline(
        view.history.map((point) => point.mended),
        true,
      ),
      "replays and refills in 10 min",
    )}
  </ul>`;
}

function tile(
  name: string,
  value: string,
  curve: TemplateResult,
  words: string,
  tone: "" | "good" | "bad" = "",
  unit = "",
): TemplateResult {
  return html`<li class="card tile ${tone}">
    <span class="muted">${name}</span>
    <b class="num">${value}${unit ? html`<small> ${unit}</small>` : nothing}</b>
    ${curve}
    <span class="muted cut">${words}</span>
  </li>`;
}

/** "0.4", "12", "1,240": as exact as it matters. */
export function milliseconds(value: number): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: value < 10 ? 1 : 0 });
}
