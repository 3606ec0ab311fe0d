/** All meetings with one candidate, under the button of their page: coming ones with what can be done, then past ones. */
import { html, nothing, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Card, MeetingView } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import {
  begins,
  clockIn,
  dayName,
  elsewhere,
  fromTo,
  joinable,
  long,
  over,
  soon,
  STILL,
  stillPlanned,
  withWhom,
  zoneWords,
} from "../lib/meetings.ts";
import { api, may, me, shortName } from "../lib/me.ts";
import { placeAt } from "../lib/popover.ts";
import { callOff } from "./meeting-actions.ts";

interface Hands {
  plan: (meeting: MeetingView | null) => void;
  taken: (meeting: MeetingView) => void;
  closed: () => void;
}

export class MeetingsPanel {
  private readonly panel = document.createElement("div");

  constructor(
    private readonly anchor: HTMLElement,
    private readonly card: Card,
    private readonly on: Hands,
  ) {}

  open(meetings: readonly MeetingView[]): void {
    const { panel, anchor } = this;
    const back = document.activeElement instanceof HTMLElement ? document.activeElement : anchor;
    panel.className = "menu meetingspanel";
    panel.popover = "auto";
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", `Meetings with ${shortName(this.card.name)}`);
    (anchor.closest("main") ?? document.body).append(panel);
    panel.addEventListener("keydown", (event) => event.stopPropagation()); // the page's letters mean nothing in here
    panel.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState !== "closed") return;
      const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
      panel.remove();
      this.anchor.setAttribute("aria-expanded", "false");
      if (inside && back.isConnected) back.focus({ preventScroll: true });
      this.on.closed();
    });
    this.draw(meetings);
    panel.showPopover();
    anchor.setAttribute("aria-expanded", "true");
    placeAt(panel, anchor);
    panel.querySelector<HTMLElement>("a.button, button")?.focus();
  }

  /** Draws them as they are now; what was in focus stays so, or its neighbour is. */
  draw(meetings: readonly MeetingView[]): void {
    const now = Date.now();
    const byTime = [...meetings].sort((one, other) => begins(one) - begins(other));
    const coming = byTime.filter((meeting) => !over(meeting, now));
    const planned = coming.some(({ state }) => state === "planned");
    const past = byTime.filter((meeting) => over(meeting, now)).reverse();
    const focused = this.panel.contains(document.activeElement);
    render(
      html`<h3>Meetings with <bdi>${shortName(this.card.name)}</bdi></h3>
        ${planned ? nothing : html`<p class="muted none">None is planned.</p>`}
        <ul>
          ${repeat(
            [...coming, ...past],
            ({ id }) => id,
            (meeting) => this.row(meeting, now),
          )}
        </ul>
        ${
          may.move
            ? html`<hr />
                <button type="button" @click=${() => this.go(() => this.on.plan(null))}>
                  ${icon("plus")}${meetings.length ? "Plan another one" : "Plan a meeting"}
                </button>`
            : nothing
        }`,
      this.panel,
    );
    if (focused && !this.panel.contains(document.activeElement))
      this.panel.querySelector<HTMLElement>("button, a")?.focus();
  }

  /** Something that opens a dialog: this makes room for it. */
  private go(run: () => void): void {
    this.panel.hidePopover();
    run();
  }

  private row(meeting: MeetingView, now: number) {
    const off = meeting.state === "called_off";
    const done = off || over(meeting, now);
    const { id, title, starts_at, minutes, zone, link, place } = meeting;
    const sooner = off ? "" : soon(meeting, now);
    return html`<li class="${off ? "off" : ""} ${done ? "past" : ""}">
      <span class="row"
        ><b class="grow" dir="auto">${title}</b>${off ? html`<span class="badge">Called off</span>` : nothing}${
          sooner
            ? html`<span class="badge ${sooner === "now" ? "good" : "accent"}"
                >${sooner === "now" ? "Now" : sooner}</span
              >`
            : nothing
        }</span
      >
      <span class="time"
        >${dayName(starts_at, now)}, ${fromTo(meeting)}<span class="muted"> · ${long(minutes)}</span></span
      >
      ${elsewhere(zone, starts_at) && !done ? html`<span class="muted">${clockIn(starts_at, zone)} ${zoneWords(zone, starts_at)}</span>` : nothing}
      <span class="muted">${withWhom(meeting.members, me.id) || "Nobody of the team takes part any more"}</span>
      ${stillPlanned(meeting, now) ? html`<span class="still">${icon("alert")}${STILL}</span>` : nothing}
      ${place && !done ? html`<span class="muted place" dir="auto">${place}</span>` : nothing}
      ${
        done
          ? nothing
          : html`<span class="acts">
              ${
                link
                  ? html`<a
                      class="button ${joinable(meeting, now) ? "primary" : ""}"
                      href=${link}
                      target="_blank"
                      rel="noopener noreferrer"
                      >${icon("video")}Join</a
                    >`
                  : nothing
              }
              ${
                may.move
                  ? html`<button
                        type="button"
                        class="button"
                        aria-label="Change: ${title}"
                        @click=${() => this.go(() => this.on.plan(meeting))}
                      >
                        Change
                      </button>
                      <button
                        type="button"
                        class="button danger"
                        aria-label="Call off: ${title}"
                        @click=${() => this.go(() => void callOff(meeting, this.on.taken))}
                      >
                        Call off
                      </button>`
                  : nothing
              }
              <a
                class="button icon"
                href=${api(`meetings/${id}/calendar.ics`)}
                download
                aria-label="Add to calendar: ${title}"
                title="Add to calendar"
                >${icon("download")}</a
              >
            </span>`
      }
    </li>`;
  }
}
