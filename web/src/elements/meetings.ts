/**
 * `<gr-meetings>`: the next meeting with a candidate, in the bar over their page, and the way to all of theirs. It is kept
 * up to date by itself.
 */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AnyPayload, Card, MeetingView } from "../live/protocol.gen.ts";
import { Failure, send } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { follow } from "../lib/live.ts";
import { begins, joinable, over, soon, STILL, stillPlanned, when } from "../lib/meetings.ts";
import { api, may } from "../lib/me.ts";
import { Ticking } from "../lib/ticking.ts";
import { plan } from "./meeting-actions.ts";
import type { MeetingsPanel } from "./meetings-panel.ts";

const PATIENCE_MS = 3000;

@customElement("gr-meetings")
export class Meetings extends LightElement {
  @property({ attribute: false }) card!: Card;
  @state() private all: readonly MeetingView[] = [];
  private heard: MeetingView[] = [];
  private asked = 0; // how often all of them were read
  private seen: Card | null = null;
  private leave: (() => void) | null = null;
  private panel: MeetingsPanel | null = null;

  constructor() {
    super();
    new Ticking(this, 10_000);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const onEvent = (payload: AnyPayload) => {
      if (payload.type !== "meeting") return;
      this.heard.push(payload.meeting);
      this.take(payload.meeting);
    };
    this.leave = follow(`application:${this.card.id}`, { onEvent, onResync: () => this.read() });
    void this.read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
  }

  /**
   * What is heard while it is read is newer than what is read, and what is asked for later than what was before. During
   * an outage it is asked for again.
   */
  private async read(): Promise<void> {
    const asked = ++this.asked;
    this.heard = [];
    try {
      const all = await send<MeetingView[]>("GET", api(`applications/${this.card.id}/meetings`));
      if (asked !== this.asked) return;
      this.all = all;
      for (const meeting of this.heard) this.take(meeting);
    } catch (error) {
      if (asked !== this.asked) return;
      if (error instanceof Failure && error.passing) setTimeout(() => this.isConnected && this.read(), PATIENCE_MS);
    }
  }

  /** A meeting that is new, or another now. */
  private take(meeting: MeetingView): void {
    const before = this.all.find(({ id }) => id === meeting.id);
    if (before && before.version > meeting.version) return;
    this.all = [...this.all.filter((other) => other !== before), meeting];
  }

  /** Who is declined, or is not any more, has other meetings than before: once the server has moved them. */
  protected override willUpdate(): void {
    const { seen, card } = this;
    if (seen?.version === card.version) return;
    this.seen = card;
    if (seen && seen.stage !== card.stage) void this.read();
  }

  protected override updated(): void {
    this.panel?.draw(this.all);
  }

  /** Opens the dialog for a new one, or for the one that is given. */
  plan(meeting: MeetingView | null = null): void {
    const latest = () => this.all.find(({ id }) => id === meeting?.id);
    void plan({ application: this.card.id, name: this.card.name, meeting, latest }, (saved) => this.take(saved));
  }

  private async open(anchor: HTMLElement): Promise<void> {
    const { MeetingsPanel } = await import("./meetings-panel.ts");
    if (!this.isConnected) return;
    const on = {
      plan: (meeting: MeetingView | null) => this.plan(meeting),
      taken: (meeting: MeetingView) => this.take(meeting),
      closed: () => (this.panel = null),
    };
    this.panel = new MeetingsPanel(anchor, this.card, on);
    this.panel.open(this.all);
  }

  protected override render() {
    const now = Date.now();
    const coming = this.all
      .filter((meeting) => meeting.state === "planned" && !over(meeting, now))
      .sort((one, other) => begins(one) - begins(other));
    const [next] = coming;
    this.classList.toggle("coming", Boolean(next));
    if (!next && !this.all.length) {
      return may.move
        ? html`<button
            type="button"
            class="button quiet"
            title="Plan a meeting"
            aria-label="Plan a meeting"
            @click=${() => this.plan()}
          >
            ${icon("cal")}<span class="words">Plan a meeting</span>
          </button>`
        : nothing;
    }
    const left = coming.find((meeting) => stillPlanned(meeting, now));
    const words = next ? (soon(next, now) ? `${when(next, now)}, ${soon(next, now)}` : when(next, now)) : "";
    return html`<button
      type="button"
      class="button quiet ${left ? "left" : next && joinable(next, now) ? "due" : ""}"
      aria-haspopup="dialog"
      aria-expanded="false"
      title=${left ? `${STILL}: ${left.title}` : next ? next.title : "Meetings"}
      @click=${(event: Event) => void this.open(event.currentTarget as HTMLElement)}
    >
      ${icon(left ? "alert" : "cal")}
      ${
        next
          ? html`<span class="sr">Meetings${left ? `, ${STILL.toLowerCase()}` : ""}:</span
              ><span class="next">${words}</span><span class="what cut muted" dir="auto">${next.title}</span>`
          : html`<span class="words">Meetings<span class="sr"> (none is planned)</span></span>`
      }
      ${coming.length > 1 ? html`<span class="num muted">+${coming.length - 1}<span class="sr"> more</span></span>` : nothing}
    </button>`;
  }
}
