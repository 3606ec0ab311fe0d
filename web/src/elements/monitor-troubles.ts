/** What a person must see to, above the tables; nothing when all is well. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { many } from "../lib/time.ts";
import type { MonitorView } from "../live/protocol.gen.ts";

interface Trouble {
  strong: string;
  words: string;
}

export function troubles(view: MonitorView): TemplateResult | typeof nothing {
  const found = list(view);
  if (!found.length) return nothing;
  return html`<ul class="troubles">
    ${found.map(
      ({ strong, words }) =>
        html`<li class="notice bad">
          ${icon("alert")}<span><b>${strong}</b> ${words}</span>
        </li>`,
    )}
  </ul>`;
}

function list(view: MonitorView): Trouble[] {
  const found: Trouble[] = [];
  const held = view.held.reduce((sum, task) => sum + task.count, 0);
  if (!view.processes.length) {
    found.push({ strong: "No web process answers.", words: "Redis may be away: people and figures cannot be shown." });
  }
  for (const one of view.processes) {
    if (!one.database || one.database_ms === null)
      found.push({ strong: `${one.name} cannot reach Postgres.`, words: "Changes fail there until it is back." });
    if (!one.bus || one.bus_ms === null)
      found.push({ strong: `${one.name} cannot reach Redis.`, words: "Events arrive up to a second late there." });
  }
  if (view.processes.length && !view.recorders.length) {
    found.push({
      strong: "No recorder is running.",
      words: "Candidates cannot record; they can write or send a file.",
    });
  }
  for (const one of view.recorders) {
    if (!one.answers)
      found.push({
        strong: `Recorder ${one.name} does not answer.`,
        words: "How its recordings come in cannot be shown until it does, or has been silent for some seconds.",
      });
  }
  if (held) {
    const names = view.held.map((task) => `${task.name} (${task.count})`).join(", ");
    found.push({
      strong: `${many(held, "task")} gave up:`,
      words: `${names}. Nothing of it is tried again by itself: whoever runs Greenroom lists it with “greenroom held”, and has it done after all with “greenroom held --retry”.`,
    });
  }
  return found;
}
