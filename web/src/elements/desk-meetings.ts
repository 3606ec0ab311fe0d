/** Meetings on home: those of today with where the day stands, and all that are coming. Pure templates. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { MeetingView } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import {
  begins,
  calendarDay,
  clockIn,
  dayName,
  joinable,
  long,
  over,
  running,
  STILL,
  stillPlanned,
  when,
  withWhom,
} from "../lib/meetings.ts";
import { may, me, path } from "../lib/me.ts";
import { heading, showing } from "./desk-parts.ts";
import { callOff } from "./meeting-actions.ts";

const MOST = 8; // of today's beside everything else

const page = (meeting: MeetingView): string => path(`applications/${meeting.application}`);

/** Those that are to come or go on. */
export function comingMeetings(meetings: readonly MeetingView[], now: number): readonly MeetingView[] {
  return meetings.filter((meeting) => meeting.state === "planned" && !over(meeting, now));
}

/** Today's, in a place that is there before the first of them comes: nothing else makes room for it. */
export function today(meetings: readonly MeetingView[], now: number): TemplateResult {
  const day = calendarDay(now);
  const here = aroundNow(
    inOrder(meetings).filter((meeting) => calendarDay(meeting.starts_at) === day || overnight(meeting, now)),
    now,
  );
  const next = inOrder(comingMeetings(meetings, now)).find(({ starts_at }) => calendarDay(starts_at) > day);
  return html`<section class="today" aria-labelledby="desk-today">
    ${heading("today", "Today", html`<time class="muted num">${clockIn(now)}</time>`, all(meetings, here, now))}
    ${
      here.length
        ? agenda(here, now)
        : html`<div class="card agenda">
            <p class="none muted">
              ${icon("cal")}<span class="grow"
                ><span class="cut">No meetings today</span>${
                  next
                    ? html`<a class="cut" href=${page(next)}
                        >Next: ${when(next, now)}, <bdi>${next.candidate.name}</bdi></a
                      >`
                    : nothing
                }</span
              >
            </p>
          </div>`
    }
  </section>`;
}

/** Of a long day what goes on and comes next, after the last that is over. */
function aroundNow(meetings: readonly MeetingView[], now: number): readonly MeetingView[] {
  const on = meetings.findIndex((meeting) => !over(meeting, now));
  const first = Math.max(0, Math.min((on < 0 ? meetings.length : on) - 1, meetings.length - MOST));
  return meetings.slice(first, first + MOST);
}

function all(meetings: readonly MeetingView[], here: readonly MeetingView[], now: number) {
  const coming = comingMeetings(meetings, now);
  return coming.some((meeting) => !here.includes(meeting))
    ? html`<a class="button quiet" href=${showing("meetings")}>See all ${coming.length}</a>`
    : nothing;
}

/** One that began before midnight and still goes on: whoever takes part looks for it among today's. */
function overnight(meeting: MeetingView, now: number): boolean {
  return meeting.state === "planned" && running(meeting, now) && calendarDay(meeting.starts_at) < calendarDay(now);
}

/** Everything from today on, day by day, after what goes on since yesterday. */
export function agendaByDay(meetings: readonly MeetingView[], now: number): TemplateResult | typeof nothing {
  const ours = inOrder(meetings).filter(
    (meeting) => calendarDay(meeting.starts_at) >= calendarDay(now) || overnight(meeting, now),
  );
  if (!ours.length) return nothing;
  const days = [...new Set(ours.map(({ starts_at }) => calendarDay(starts_at)))];
  return html`${repeat(
    days,
    (day) => day,
    (day) => {
      const here = ours.filter(({ starts_at }) => calendarDay(starts_at) === day);
      return html`<section class="today" aria-labelledby="desk-day-${day}">
        ${heading(`day-${day}`, dayName(here[0]!.starts_at, now), html`<span class="muted num">${here.length}</span>`)}
        ${agenda(here, now)}
      </section>`;
    },
  )}`;
}

function inOrder(meetings: readonly MeetingView[]): readonly MeetingView[] {
  return [...meetings].sort((one, other) => begins(one) - begins(other) || one.id.localeCompare(other.id));
}

/** A day's. The line of now stands before the first that has not begun, unless the day has not begun or is over. */
function agenda(meetings: readonly MeetingView[], now: number) {
  const next = meetings.findIndex((meeting) => begins(meeting) > now);
  return html`<ol class="card agenda">
    ${repeat(
      meetings,
      ({ id }) => id,
      (meeting, at) => line(meeting, now, at === next && at > 0),
    )}
  </ol>`;
}

function line(meeting: MeetingView, now: number, next: boolean) {
  const { candidate, starts_at, minutes, title, link, members } = meeting;
  const off = meeting.state === "called_off"; // it stands there until it would have been over
  const on = !off && running(meeting, now);
  const left = stillPlanned(meeting, now); // nobody should wait there
  const whom = off ? "called off" : withWhom(members, me.id).replace("With", "with");
  return html`<li class="${off ? "off" : over(meeting, now) ? "past" : ""} ${next ? "next" : ""}">
    <time datetime=${starts_at} title="${when(meeting, now)}, ${long(minutes)}">${clockIn(starts_at)}</time>
    <span class="grow">
      <a class="cut name" dir="auto" href=${page(meeting)} title=${candidate.name}>${candidate.name}</a>
      <span class="muted about" title=${title}><bdi>${title}</bdi>${whom ? `, ${whom}` : nothing}</span>
      ${left ? html`<span class="still">${icon("alert")}${STILL}</span>` : nothing}
    </span>
    ${
      left && may.move
        ? html`<button
            type="button"
            class="button"
            aria-label="Call off: ${title}, ${candidate.name}"
            @click=${() => void callOff(meeting, () => undefined)}
          >
            Call off
          </button>`
        : nothing
    }
    ${
      link && !off && joinable(meeting, now)
        ? html`<a
            class="button ${on ? "primary" : ""}"
            href=${link}
            target="_blank"
            rel="noopener noreferrer"
            aria-label="Join: ${candidate.name}"
            >Join</a
          >`
        : on
          ? html`<span class="badge good">Now</span>`
          : nothing
    }
  </li>`;
}
