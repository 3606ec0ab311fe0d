/** Meetings as the candidate sees them: on their own clocks, with the zone named. Pure templates. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { OwnMeeting } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { dayName, fromTo, joinable, listed, long, over, ownZone, soon, when, zoneWords } from "../lib/meetings.ts";

/** What can be done about one. */
export interface Hands {
  base: string;
  /** Brings them to where they write. */
  ask: () => void;
  /** Shows the card of all. */
  show: () => void;
}

export function comingOf(meetings: readonly OwnMeeting[], now: number): readonly OwnMeeting[] {
  return meetings.filter((meeting) => !over(meeting, now));
}

/** All that are coming, with everything about them; nothing without any. */
export function meetingCard(coming: readonly OwnMeeting[], hands: Hands, now: number): TemplateResult | typeof nothing {
  if (!coming.length) return nothing;
  return html`<section class="card" id="meetings" tabindex="-1" aria-labelledby="meetings-title">
    <h2 id="meetings-title">${coming.length > 1 ? "Your meetings" : "Your meeting"}</h2>
    <ol class="appointments">
      ${repeat(
        coming,
        ({ id }) => id,
        (meeting) => appointment(meeting, hands, now),
      )}
    </ol>
    <button type="button" class="button quiet tight" @click=${hands.ask}>${icon("chat")}Ask for another time</button>
  </section>`;
}

function appointment(meeting: OwnMeeting, { base }: Hands, now: number) {
  const { id, title, starts_at, minutes, place, link, members } = meeting;
  const first = members.map((name) => name.trim().split(/\s+/u)[0]!);
  return html`<li>
    <div class="whenline">
      ${icon("cal")}
      <p>
        <b>${dayName(starts_at, now)}, ${fromTo(meeting)}</b>
        <small>${zoneWords(ownZone(), starts_at)}, ${long(minutes)}</small>
      </p>
      ${sooner(meeting, now)}
    </div>
    <p class="what">
      <b dir="auto">${title}</b
      >${first.length ? html`<small title=${members.join(", ")}>With ${listed(first)}</small>` : nothing}
    </p>
    ${place && place !== link ? html`<p class="where" dir="auto">${place}</p>` : nothing}
    <div class="acts">
      ${link ? join(link, joinable(meeting, now)) : nothing}
      <a class="button" href="${base}/api/meetings/${id}/calendar.ics" download>${icon("cal")}Add to calendar</a>
    </div>
  </li>`;
}

function sooner(meeting: OwnMeeting, now: number) {
  const words = soon(meeting, now);
  return words
    ? html`<span class="badge ${words === "now" ? "good" : "accent"}">${words === "now" ? "Now" : words}</span>`
    : nothing;
}

function join(link: string, due: boolean) {
  return html`<a class="button ${due ? "primary" : ""}" href=${link} target="_blank" rel="noopener noreferrer"
    >${icon("video")}Join</a
  >`;
}

/** The next one in a line, where there is little room. */
export function meetingLine(coming: readonly OwnMeeting[], hands: Hands, now: number): TemplateResult | typeof nothing {
  const [next] = coming;
  if (!next) return nothing;
  const due = next.link && joinable(next, now);
  return html`<div class="promise turn meet">
    ${icon("cal")}
    <div>
      <b>${when(next, now)}${coming.length > 1 ? html` <small>and ${coming.length - 1} more</small>` : nothing}</b>
      <p class="cut" dir="auto">${next.title}</p>
    </div>
    ${due ? join(next.link, true) : html`<button type="button" class="button" @click=${hands.show}>Details</button>`}
  </div>`;
}
