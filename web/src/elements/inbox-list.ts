/**
 * `<gr-inbox-list>`: the lines of the bell by day, in its panel and on its page. Arrow keys go from line to line, older
 * ones come as one scrolls. A line is read when it is opened or ticked off, in every tab at once.
 */
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Notification } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { candidateFace } from "../lib/picture.ts";
import { Ticking } from "../lib/ticking.ts";
import { ago } from "../lib/time.ts";
import { alarm, type Part } from "../lib/toast.ts";
import { desktop } from "./inbox-desktop.ts";
import { chooseJob, hearingMenu } from "./inbox-hearing.ts";
import { bell, Watching, type Filter } from "./inbox-state.ts";
import { isMuted, mutedWords } from "./inbox-muting.ts";
import { aboutOf, ageOf, dayOf, ICONS, plainWords, sentenceOf } from "./inbox-words.ts";

const MARKED: ReadonlySet<string> = new Set(["message", "interrupted", "lost"]);
const URGENT: ReadonlySet<string> = new Set(["interrupted", "lost", "overdue"]);

@customElement("gr-inbox-list")
export class InboxList extends LightElement {
  /** Looked at: lines are fetched when this becomes true. */
  @property({ type: Boolean }) shown = false;
  /** The level of the days' headings: one below that of where the list stands. */
  @property({ type: Number }) level = 3;
  @state() private filter: Filter = "all";
  @state() private current: string | null = null;
  @state() private fault = "";
  @state() private explained = false;
  private watcher: IntersectionObserver | null = null;
  private leave: (() => void) | null = null;

  constructor() {
    super();
    new Watching(this);
    new Ticking(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.leave = desktop.observe(() => this.requestUpdate());
    this.watcher = new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) void this.fetch(() => bell.older(this.filter));
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
    this.watcher?.disconnect();
  }

  /** The first line that is new, or the first of all, gets the focus. */
  focusFirst(): void {
    const first = this.find<HTMLElement>("li.new > a") ?? this.find<HTMLElement>("li > a");
    (first ?? this.find<HTMLElement>("button, a"))?.focus({ preventScroll: true });
  }

  private choose(filter: Filter): void {
    this.filter = filter;
    this.current = null;
    void this.fetch(() => bell.open(filter));
  }

  private async fetch(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.fault = "";
    } catch (error) {
      this.fault = sentence(error);
    }
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("shown") && this.shown) void this.fetch(() => bell.open(this.filter));
    if (!bell.hasMine && this.filter === "mine") this.filter = "all";
    const lines = bell.lines(this.filter) ?? [];
    if (!lines.some((line) => line.id === this.current)) this.current = lines[0]?.id ?? null;
  }

  protected override updated(): void {
    this.watcher?.disconnect(); // looking again also tells when the page that came does not fill the screen
    const end = this.find(".further");
    if (end && this.shown) this.watcher?.observe(end);
  }

  // Lines

  private opened(event: MouseEvent, line: Notification): void {
    if (!line.read) bell.read({ id: line.id }).catch(() => undefined); // the page that opens says so once more
    if (new URL(line.url, location.href).pathname !== location.pathname || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent("gr-close", { bubbles: true }));
  }

  private tick(line: Notification): void {
    bell.read({ id: line.id }).catch((error: unknown) => alarm(sentence(error)));
    this.focusLine(line.id);
  }

  private focusLine(id: string): void {
    this.current = id;
    void this.updateComplete.then(() => {
      const link = this.find<HTMLElement>(`[data-line="${id}"] > a`);
      link?.focus({ preventScroll: true });
      link?.scrollIntoView({ block: "nearest" });
    });
  }

  private keydown(event: KeyboardEvent): void {
    const lines = bell.lines(this.filter) ?? [];
    const at = lines.findIndex((line) => line.id === this.current);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 };
    const next = steps[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const line = lines[Math.max(0, Math.min(next, lines.length - 1))];
    if (line) this.focusLine(line.id);
  }

  private focused(event: FocusEvent): void {
    const id = (event.target as Element).closest<HTMLElement>("[data-line]")?.dataset["line"];
    if (id) this.current = id;
  }

  // Drawing

  protected override render() {
    const lines = bell.lines(this.filter);
    return html`
      <div class="inboxscroll">
        ${bell.hasMine ? this.tabs() : nothing} ${this.ask()}
        <div @keydown=${this.keydown} @focusin=${this.focused} aria-busy=${lines === undefined && !this.fault}>
          ${lines === undefined ? this.waiting() : lines.length ? this.days(lines) : this.empty()}
        </div>
        ${this.fault && lines ? this.again() : nothing}
        ${bell.more(this.filter) && !this.fault ? html`<p class="further" aria-hidden="true"></p>` : nothing}
      </div>
      ${this.foot()}
    `;
  }

  private tabs() {
    const tab = (filter: Filter, label: string) =>
      html`<button type="button" aria-pressed=${this.filter === filter} @click=${() => this.choose(filter)}>
        ${label}
      </button>`;
    return html`<div class="tabs segment" role="group" aria-label="Show">
      ${tab("all", "All")}${tab("mine", "Mine")}
    </div>`;
  }

  private ask() {
    const { standing } = desktop;
    if (standing === "off") {
      return html`<p class="ask">
        ${icon("bell")}<span class="grow">Hear about answers while this tab is in the background?</span>
        <button type="button" class="button" @click=${() => void desktop.turnOn()}>Turn on</button>
      </p>`;
    }
    if (standing !== "blocked" || this.explained) return nothing;
    return html`<p class="ask">
      ${icon("mute")}<span class="grow"
        >This browser blocks notifications from Greenroom. You can allow them in its site settings, left of the
        address.</span
      >
      <button type="button" class="button" @click=${() => (this.explained = true)}>All right</button>
    </p>`;
  }

  private days(lines: readonly Notification[]) {
    const now = Date.now();
    const days: { name: string; lines: Notification[] }[] = [];
    for (const line of lines) {
      const name = dayOf(line.at, now);
      if (days.at(-1)?.name !== name) days.push({ name, lines: [] });
      days.at(-1)!.lines.push(line);
    }
    return repeat(
      days,
      (day) => day.name,
      (day) =>
        html`<p class="when" role="heading" aria-level=${this.level}>${day.name}</p>
          <ol aria-label=${day.name}>
            ${repeat(
              day.lines,
              (line) => line.id,
              (line) => this.line(line, now),
            )}
          </ol>`,
    );
  }

  private line(line: Notification, now: number) {
    const words = sentenceOf(line);
    const index = line.id === this.current ? 0 : -1;
    return html`<li class="${line.read ? "" : "new"} ${URGENT.has(line.kind) ? "urgent" : ""}" data-line=${line.id}>
      <a href=${line.url} tabindex=${index} @click=${(event: MouseEvent) => this.opened(event, line)}>
        ${faceOf(line)}
        <span class="grow">
          <span class="what">${words.map(part)}${line.read ? nothing : html`<span class="sr">, new</span>`}</span>
          <span class="muted"><bdi>${aboutOf(line)}</bdi></span>
        </span>
        <time datetime=${line.at} title=${ago(line.at, now)}
          ><span aria-hidden="true">${ageOf(line.at, now)}</span><span class="sr">${ago(line.at, now)}</span></time
        >
      </a>
      ${
        line.read
          ? nothing
          : html`<button
              type="button"
              class="tickoff"
              tabindex=${index}
              title="Mark as read"
              aria-label="Mark as read: ${plainWords(words)}"
              @click=${() => this.tick(line)}
            >
              ${icon("check")}
            </button>`
      }
    </li>`;
  }

  private waiting() {
    if (this.fault) return this.again();
    return html`<ol aria-hidden="true">
      ${[1, 2, 3, 4].map(() => html`<li class="skeleton noticeghost"></li>`)}
    </ol>`;
  }

  private again() {
    return html`<p class="notice warn">
      ${icon("offline")}<span class="grow">${this.fault}</span>
      <button
        type="button"
        class="button"
        @click=${() =>
          void this.fetch(() => (bell.lines(this.filter) ? bell.older(this.filter) : bell.open(this.filter)))}
      >
        Try again
      </button>
    </p>`;
  }

  private empty() {
    return html`<div class="empty">
      ${icon("bell")}<strong>All quiet</strong><span>When a candidate sends answers or writes, you read it here.</span>
    </div>`;
  }

  private foot() {
    const now = Date.now();
    const muted = bell.hearings.filter((hearing) => isMuted(hearing, now));
    return html`<footer>
      ${muted.map(
        (hearing) =>
          html`<p>
            ${icon("mute")}<span class="grow cut"><bdi>${hearing.title}</bdi> ${mutedWords(hearing, now)}</span>
            <button
              type="button"
              class="textlink"
              aria-haspopup="menu"
              aria-label="Change: ${hearing.title} ${mutedWords(hearing, now)}"
              @click=${(event: Event) =>
                void hearingMenu(event.currentTarget as HTMLElement, { id: hearing.job, title: hearing.title })}
            >
              Change
            </button>
          </p>`,
      )}
      ${
        desktop.standing === "on"
          ? html`<p>
              ${icon("laptop")}<span class="grow cut">Browser notifications are on</span>
              <button type="button" class="textlink" @click=${() => desktop.turnOff()}>Turn off</button>
            </p>`
          : nothing
      }
      ${
        muted.length
          ? nothing
          : html`<p>
              ${icon("mute")}<span class="grow cut">No job is muted</span>
              <button
                type="button"
                class="textlink"
                aria-haspopup="menu"
                @click=${(event: Event) => void chooseJob(event.currentTarget as HTMLElement)}
              >
                Mute a job
              </button>
            </p>`
      }
    </footer>`;
  }
}

function part({ text, strong }: Part): TemplateResult {
  return strong ? html`<b><bdi>${text}</bdi></b>` : html`${text}`;
}

/** Who it is about; the small mark says what it was where the face alone does not. */
function faceOf(line: Notification): TemplateResult {
  const face = line.by
    ? avatar(line.by.id, line.by.colour)
    : candidateFace(line.candidate ?? line.id, line.name, line.poster);
  if (!MARKED.has(line.kind)) return face;
  return html`<span class="badged">${face}<i>${icon(ICONS[line.kind])}</i></span>`;
}
