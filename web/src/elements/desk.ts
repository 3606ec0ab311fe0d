/**
 * `<gr-desk>`: home. What needs me now, across jobs, kept up to date: whatever may have changed one of its lists makes it
 * ask again, rarely and never while nobody looks.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { AnyPayload, HomeView } from "../live/protocol.gen.ts";
import { send } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { follow, since } from "../lib/live.ts";
import { api, firstName, may, me, path } from "../lib/me.ts";
import { Sparingly } from "../lib/sparingly.ts";
import { Ticking } from "../lib/ticking.ts";
import { agendaByDay, comingMeetings, today as meetingsToday } from "./desk-meetings.ts";
import { freshAnswers, mentions, pages, reviews, showing, waiting, type Show } from "./desk-parts.ts";

const CHANGES: ReadonlySet<AnyPayload["type"]> = new Set(["desk", "job", "notified", "inbox_read", "meeting"]);
const NOTHING: Readonly<Record<Exclude<Show, "">, readonly [string, string]>> = {
  answers: ["No new answers", "Every answer has been opened by somebody of the team."],
  waiting: ["Nobody waits for us", "Everybody who wrote or was promised an answer has heard from the team."],
  reviews: ["Nothing of yours", "Candidates whom you own or review stand here."],
  mentions: ["No mentions", "Notes that name you stand here until you have seen them."],
  meetings: ["No meetings", "Those you take part in, or are with candidates you own, stand here with their time."],
};

@customElement("gr-desk")
export class Desk extends RestingElement {
  @state() private view = pageData<HomeView>();
  private readonly show = (new URLSearchParams(location.search).get("show") ?? "") as Show;
  private skip = this.view.skipped;
  private leaving: (() => void)[] = [];
  private readonly again = new Sparingly(() => this.refetch());

  constructor() {
    super();
    new Ticking(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const onEvent = (payload: AnyPayload) => {
      if (CHANGES.has(payload.type)) this.again.soon();
    };
    const onResync = () => this.refetch();
    this.leaving = [`member:${me.id}`, `workspace:${me.workspace}`].map((topic) =>
      follow(topic, { ...since(topic, this.view), onEvent, onResync }),
    );
  }

  /** On a phone the list that is shown may be the last of a row that scrolls. */
  protected override firstUpdated(): void {
    this.find(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leaving) leave();
    this.again.stop();
  }

  private async refetch(): Promise<HomeView> {
    this.view = await send<HomeView>("GET", api(`home?show=${this.show}&skip=${this.skip}`));
    return this.view;
  }

  protected override render() {
    const now = Date.now();
    return html`${this.heading(now)}
      <div class="body">${this.show ? this.alone(this.show, now) : this.everything(now)}</div>`;
  }

  /** Whatever comes in finds its column there: what stands in the other does not move. */
  private everything(now: number) {
    const { view } = this;
    const fresh = freshAnswers(view, false, now);
    const left = [waiting(view, false, now), reviews(view, false, now)];
    const named = mentions(view, false, now);
    const work = [fresh, ...left, named].some((list) => list !== nothing);
    if (!work && !view.meetings.length) return this.empty();
    return html`<div class="desk ${left.every((list) => list === nothing) ? "narrow" : ""}">
      ${fresh}
      <div class="side">${left}</div>
      <div class="side">${meetingsToday(view.meetings, now)}${named}</div>
    </div>`;
  }

  private alone(show: Exclude<Show, "">, now: number) {
    const { view } = this;
    const list = {
      answers: () => freshAnswers(view, true, now),
      waiting: () => waiting(view, true, now),
      reviews: () => reviews(view, true, now),
      mentions: () => mentions(view, true, now),
      meetings: () => agendaByDay(view.meetings, now),
    }[show]();
    if (list === nothing) return this.empty();
    return html`<div class="desk alone">${list}${show === "meetings" ? nothing : pages(view, show)}</div>`;
  }

  private heading(now: number) {
    const { view } = this;
    const meetings = comingMeetings(view.meetings, now).length;
    const sum = view.answers_count + view.waiting_count + view.reviews_count + view.mentions_count + meetings;
    const tabs: readonly [Show, string, number][] = [
      ["", "Everything", sum],
      ["answers", "New answers", view.answers_count],
      ["waiting", "Waiting for us", view.waiting_count],
      ["reviews", "My reviews", view.reviews_count],
      ["mentions", "Mentions", view.mentions_count],
      ["meetings", "Meetings", meetings],
    ];
    return html`<header class="head">
      <div class="row">
        <h1>${greeting(new Date(now))}, <bdi>${firstName(me.name)}</bdi></h1>
        <span class="muted cut">${today(new Date(now))}</span>
      </div>
      <nav class="tabs" aria-label="Show">
        ${tabs.map(
          ([show, label, count]) =>
            html`<a href=${showing(show)} aria-current=${this.show === show ? "page" : nothing}
              >${label}${count ? html` <span class="num">${count}</span>` : nothing}</a
            >`,
        )}
      </nav>
    </header>`;
  }

  private empty() {
    if (this.show) {
      const [title, words] = NOTHING[this.show];
      return html`<div class="empty">${icon("check")}<strong>${title}</strong><span>${words}</span></div>`;
    }
    if (!this.view.jobs) {
      return html`<div class="empty">
        ${icon("jobs")}<strong>It begins with a job</strong
        ><span
          >${may.edit ? "Make the first one, and what candidates send you comes in here." : "As soon as your team has one, what needs you comes in here."}</span
        >
        ${may.edit ? html`<a class="button primary" href=${path("jobs")}>Go to jobs</a>` : nothing}
      </div>`;
    }
    return html`<div class="empty">
      ${icon("check")}<strong>All clear</strong
      ><span>New answers, people who wait for you and mentions come in here.</span>
      <a class="button" href=${path("jobs")}>Look at the jobs</a>
    </div>`;
  }
}

function greeting(now: Date): string {
  const hour = now.getHours();
  return hour < 5 || hour >= 18 ? "Good evening" : hour < 12 ? "Good morning" : "Good afternoon";
}

function today(now: Date): string {
  return now.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}
