/**
 * `<gr-monitor>`: who is connected and how the installation does, asked again every two seconds over the live socket.
 *
 * It asks only while it is looked at: a hidden tab is nobody watching, and the visit that colleagues can read ends with
 * it. Frozen, it goes on asking (somebody still looks) and shows nothing new.
 */
import { html } from "lit";
import { customElement, state } from "lit/decorators.js";
import { pageData } from "../lib/data.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { ask, follow, onConnection, tellDoing } from "../lib/live.ts";
import { me, path } from "../lib/me.ts";
import { presenceStack } from "../lib/presence-stack.ts";
import { date, many, timeOfDay } from "../lib/time.ts";
import { toast } from "../lib/toast.ts";
import type { EventLine, MonitorView, Present } from "../live/protocol.gen.ts";
import { recordingTable } from "./monitor-recordings.ts";
import { type Kind, fits, peopleTable, processTable } from "./monitor-tables.ts";
import { troubles } from "./monitor-troubles.ts";
import { onControl } from "../lib/keys.ts";
import { offer } from "../lib/shortcuts.ts";
import { type Kept, remember, tiles } from "./monitor-tiles.ts";

const EVERY_MS = 2_000;
const OLD_MS = 7_000; // three answers are missing
const TOPIC = `monitor:${me.workspace}`;

@customElement("gr-monitor")
export class Monitor extends LightElement {
  @state() private view: MonitorView = pageData<MonitorView>();
  @state() private frozen = false;
  @state() private words = new URLSearchParams(location.search).get("q") ?? "";
  @state() private kind: Kind = "all";
  @state() private people: Present[] = [];
  @state() private refused = false;
  @state() private now = Date.now();
  private newest = this.view;
  private heard = Date.now();
  private kept: Kept[] = remember([], this.view);
  private asking = false;
  private timers: number[] = [];
  private endings: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.endings = [
      follow(TOPIC, {
        onPresence: (people) => (this.people = people),
        onRefused: () => (this.refused = true),
        onEvent: (payload) => {
          if (payload.type !== "session_closed") return;
          if (payload.by.id !== me.id) toast(`**${payload.by.name}** ended a session of **${payload.name}**`);
          void this.look();
        },
      }),
      onConnection((connection) => {
        if (connection === "online") void this.look();
      }),
    ];
    tellDoing(TOPIC, { view: "monitor" });
    this.timers = [
      window.setInterval(() => void this.look(), EVERY_MS),
      window.setInterval(() => (this.now = Date.now()), 1_000),
    ];
    this.endings.push(
      offer([
        {
          keys: "Space",
          label: "Freeze, or go on",
          group: "Here",
          run: (event) => !onControl(event) && this.freeze(),
        },
        {
          keys: "/",
          label: "Filter",
          group: "Here",
          run: () => this.find<HTMLInputElement>("#monitor-filter")?.focus(),
        },
      ]),
    );
    document.addEventListener("visibilitychange", this.onVisible);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const timer of this.timers) clearInterval(timer);
    for (const end of this.endings) end();
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  private onVisible = (): void => void this.look();

  private freeze(): void {
    this.frozen = !this.frozen;
    if (!this.frozen) this.view = this.newest;
  }

  /** One look at how it stands now; whatever goes wrong, the next one tries again. */
  private async look(): Promise<void> {
    if (document.hidden || this.asking || this.refused) return;
    this.asking = true;
    try {
      this.newest = (await ask("monitor", TOPIC)) as MonitorView;
      this.heard = this.now = Date.now();
      this.kept = remember(this.kept, this.newest);
      if (!this.frozen) this.view = this.newest;
    } catch {
      // Not connected, or not subscribed yet.
    } finally {
      this.asking = false;
    }
  }

  private filter(event: Event): void {
    this.words = (event.target as HTMLInputElement).value;
    const query = this.words.trim() ? `?q=${encodeURIComponent(this.words.trim())}` : "";
    history.replaceState(null, "", `${location.pathname}${query}`);
  }

  protected override render() {
    if (this.refused) return this.closed();
    const view = this.view;
    const words = this.words.trim().toLocaleLowerCase();
    const sessions = view.sessions.filter((one) =>
      fits(words, one.name, one.job, one.doing, one.device, ...one.processes),
    );
    const recordings = view.recordings.filter((one) => fits(words, one.name, one.job, one.node));
    return html`${this.head()}
      <div class="body monitor">
        ${tiles(view, this.kept)} ${troubles(view)}
        <section class="card livetable" aria-label="Sessions">
          ${recordingTable(recordings, view, this.kept, this.now, words)}
          ${peopleTable(sessions, view, this.now, words, this.kind, (kind) => (this.kind = kind), this.look.bind(this))}
          ${processTable(view)}
        </section>
        <aside class="card stream" aria-labelledby="monitor-events">
          <header class="row">
            <h2 id="monitor-events">Events</h2>
            <span class="muted num">${view.events_per_second.toLocaleString("en-GB")} per second</span>
          </header>
          ${
            view.events.length
              ? html`<ol tabindex="0" aria-label="Events, newest first">
                  ${view.events.map(eventLine)}
                </ol>`
              : html`<p class="muted quietly">Nothing has happened in this workspace yet.</p>`
          }
          <footer>
            <p>
              ${icon("eye")}<span
                >Members can see that monitoring exists and when it was open. Your visit is on record since
                ${timeOfDay(view.visit)}. <a href=${path("monitoring")}>What they see</a></span
              >
            </p>
          </footer>
        </aside>
      </div>`;
  }

  private head() {
    const { sessions } = this.view;
    const who = new Set(sessions.map((one) => one.who)).size;
    return html`<header class="head">
      <div class="row">
        <h1>Live monitor</h1>
        ${this.freshness()}
        <span class="muted cut wide">${many(who, "person", "people")} connected, ${health(this.view)}</span>
        <span class="grow"></span>
        ${presenceStack(this.people, "Watching now")}
        <button type="button" class="button quiet" aria-pressed=${String(this.frozen)} @click=${this.freeze}>
          ${icon(this.frozen ? "play" : "pause")}${this.frozen ? "Go on" : "Freeze"} <kbd class="wide">Space</kbd>
        </button>
        <label class="field"
          >${icon("find")}<input
            id="monitor-filter"
            type="search"
            placeholder="Person, job or node"
            aria-label="Filter by person, job or node"
            .value=${this.words}
            @input=${this.filter}
          /><kbd>/</kbd></label
        >
      </div>
    </header>`;
  }

  private freshness() {
    const past = Math.max(0, this.now - this.heard);
    const seconds = Math.round(past / 1_000);
    if (this.frozen) return html`<span class="badge info" role="status">Frozen at ${timeOfDay(this.view.at)}</span>`;
    return past > OLD_MS
      ? html`<span class="badge warn" role="status">Last update ${seconds} s ago</span>`
      : html`<span class="badge good pulsing">Updated ${seconds < 2 ? "now" : `${seconds} s ago`}</span>`;
  }

  private closed() {
    return html`<header class="head">
        <div class="row"><h1>Live monitor</h1></div>
      </header>
      <div class="body">
        <div class="empty">
          ${icon("lock")}<strong>You may not watch any more</strong>
          <p>Your role in this workspace was changed. Ask an owner or admin if that is a mistake.</p>
          <a class="button primary" href=${path("jobs")}>Go to the jobs</a>
        </div>
      </div>`;
  }
}

function health(view: MonitorView): string {
  if (!view.processes.length) return "no process answers";
  const ill = [
    view.processes.some((one) => !one.database || one.database_ms === null) ? "Postgres" : "",
    view.processes.some((one) => !one.bus || one.bus_ms === null) ? "Redis" : "",
  ].filter(Boolean);
  return ill.length ? `${ill.join(" and ")} in trouble` : "Postgres and Redis healthy";
}

function eventLine(event: EventLine) {
  const today = new Date(event.at).toDateString() === new Date().toDateString();
  const time = today
    ? new Date(event.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" })
    : date(event.at);
  return html`<li>
    <time datetime=${event.at}>${time}</time><span class="kind ${event.tone}"></span>
    <span
      ><b><bdi>${event.who}</bdi></b> ${event.text}</span
    >
  </li>`;
}
