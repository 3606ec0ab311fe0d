/**
 * `<gr-scorecard>`: what I think of an application, beside its answers. A draft saves itself and is mine alone; submitted
 * it counts, and the team's are opened to whoever was asked to review.
 */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AnyPayload, Card, Hire, SheetView } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { follow } from "../lib/live.ts";
import { api, me } from "../lib/me.ts";
import { change } from "../lib/outbox.ts";
import { Saving } from "../lib/saving.ts";
import { alarm, toast } from "../lib/toast.ts";
import { BLANK, draftOf, rebased, type Draft } from "./scorecard-draft.ts";
import { averageOf, criterion, overall, said, teams, verdict } from "./scorecard-parts.ts";

const PATIENCE_MS = 3000;
const AT_REST = { preventScroll: true };

@customElement("gr-scorecard")
export class Scorecard extends LightElement {
  @property({ attribute: false }) card!: Card;
  @state() private sheet: SheetView | null = null;
  @state() private draft: Draft = BLANK;
  @state() private fault = "";
  @state() private sending = false;
  private leaving: (() => void)[] = [];
  private reading: Promise<void> | null = null;
  private stale = false;
  private sent: Draft | null = null; // in the save that is on its way
  private refused = false; // what is written here has yet to be saved on top of another tab's
  private saving = new Saving(
    () => this.save(),
    () => this.requestUpdate(),
    () => this.leave(),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    const heard = (payload: AnyPayload) => {
      if (payload.type === "scorecards" && payload.application === this.card.id) void this.read();
    };
    const onResync = () => this.read();
    this.leaving = [
      follow(`application:${this.card.id}`, { onEvent: heard, onResync }),
      follow(`member:${me.id}`, { onEvent: heard, onResync }),
      follow(`job:${this.card.job}`, { onEvent: (payload) => payload.type === "job" && !payload.moved && this.read() }),
    ];
    void this.read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leaving) leave();
  }

  /** What I am asked to do here decides what I see. */
  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get("card") as Card | undefined;
    const asked = ({ owner, reviewers }: Card) => (owner === me.id ? "owner" : reviewers.includes(me.id));
    if (before && asked(before) !== asked(this.card)) void this.read();
  }

  /** Brings the first criterion that is not rated into focus. */
  begin(): void {
    const open = this.find<HTMLInputElement>("fieldset:not(.rated) input") ?? this.find<HTMLElement>("input, button");
    open?.focus();
  }

  // Reading and saving

  private get path(): string {
    return api(`applications/${this.card.id}/scorecard`);
  }

  private get version(): number {
    return this.sheet?.mine?.version ?? 0;
  }

  /** Reads it, and once more when something happened meanwhile. */
  private read(): Promise<void> {
    if (this.reading) {
      this.stale = true;
      return this.reading;
    }
    this.stale = false;
    const reading = send<SheetView>("GET", this.path)
      .then(
        (sheet) => this.take(sheet),
        (error: unknown) => {
          if (!this.sheet) this.fault = sentence(error);
          else if (error instanceof Failure && error.passing) this.readLater();
        },
      )
      .then(() => {
        this.reading = null;
        if (this.stale) return this.read();
      });
    return (this.reading = reading);
  }

  /** What is shown is older than what is known to have happened: during an outage it is asked for again. */
  private readLater(): void {
    setTimeout(() => void (this.isConnected && this.read()), PATIENCE_MS);
  }

  /** What is being written here stays, and so does what was saved while this was on its way. */
  private take(sheet: SheetView): void {
    if ((sheet.mine?.version ?? 0) < this.version) {
      this.sheet = { ...sheet, mine: this.sheet?.mine ?? null };
      return;
    }
    this.fault = "";
    const base = draftOf(this.sheet?.mine ?? null);
    this.draft = rebased(this.draft, base, draftOf(sheet.mine), this.sent ?? base);
    this.sheet = sheet;
    if (!this.refused || sheet.mine?.submitted_at) return;
    this.refused = false;
    this.saving.touch();
  }

  private ask(method: "PUT" | "POST", rest: string, body: unknown): Promise<SheetView | undefined> {
    const words = "Your scorecard was not saved.";
    return change<SheetView>({ lane: `scorecard:${this.card.id}`, method, path: `${this.path}${rest}`, body, words });
  }

  private async save(): Promise<void> {
    this.sent = this.draft;
    try {
      const sheet = await this.ask("PUT", "", { version: this.version, ...this.draft });
      if (sheet) this.take(sheet);
    } catch (error) {
      if (!(error instanceof Failure) || !/^scorecard_/.test(error.code)) throw error;
      if (error.code === "scorecard_submitted") alarm(error.message, { name: "scorecard" });
      this.refused = true;
      void this.read();
    } finally {
      this.sent = null;
    }
  }

  /** The page goes while something is unsaved: it is sent as what comes after the save that is on its way. */
  private leave(): void {
    const version = this.version + (this.saving.busy ? 1 : 0);
    this.ask("PUT", "", { version, ...this.draft }).then(
      (sheet) => sheet && this.take(sheet),
      () => {
        this.refused = true;
        void this.read();
      },
    );
  }

  /** A choice is saved at once, words after a pause. */
  private edit(part: Partial<Draft>, pause = false): void {
    this.draft = { ...this.draft, ...part };
    this.fault = "";
    this.saving.touch();
    if (!pause) void this.saving.now();
  }

  private rate(id: string, value: number): void {
    const { [id]: before, ...others } = this.draft.ratings;
    this.edit({ ratings: before === value ? others : { ...others, [id]: value } });
  }

  private submit(): Promise<void> {
    return this.once(async () => {
      await this.saving.now();
      if (this.saving.state.kind === "refused") return;
      const { criteria } = this.sheet!;
      const rated = criteria.some(({ id }) => this.draft.ratings[id]);
      if (criteria.length && !rated) return this.lacks("Rate at least one criterion.");
      if (!this.draft.hire) return this.lacks("Say whether you would hire them.");
      await this.turn("/submission", { version: this.version });
    });
  }

  private reopen(): Promise<void> {
    return this.once(() => this.turn("/reopening", {}));
  }

  /** However often a button is pressed, and though another stands in its place afterwards. */
  private async once(act: () => Promise<void>): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    await act().finally(() => (this.sending = false));
  }

  private lacks(words: string): void {
    this.fault = words;
    this.find<HTMLInputElement>(words.startsWith("Rate") ? "fieldset input" : ".verdict input")?.focus();
  }

  private async turn(rest: string, body: unknown): Promise<void> {
    const here = this.contains(document.activeElement);
    try {
      const sheet = await this.ask("POST", rest, body);
      if (sheet) this.take(sheet);
      await this.updateComplete; // the button that was pressed is gone
      if (here)
        this.find<HTMLElement>(sheet?.mine?.submitted_at ? "h2" : "fieldset input, footer button")?.focus(AT_REST);
      if (sheet?.mine?.submitted_at) toast("Your scorecard counts now.", { name: "scorecard" });
    } catch (error) {
      await this.read();
      this.fault = sentence(error);
    }
  }

  // Drawing

  protected override render() {
    const { sheet } = this;
    if (!sheet) {
      return html`<h2>Scorecard</h2>
        ${
          this.fault
            ? html`<p class="notice bad">
                ${icon("alert")}<span class="grow">${this.fault}</span
                ><button type="button" class="button" @click=${() => this.read()}>Try again</button>
              </p>`
            : html`<div class="skeleton"></div>`
        }`;
    }
    const submitted = sheet.mine?.submitted_at;
    return html`<div class="row top">
        <h2 class="grow" tabindex="-1">Scorecard</h2>
        ${submitted ? html`<span class="badge good">${icon("check")}Submitted</span>` : this.saved()}
      </div>
      ${submitted ? said(sheet) : this.form(sheet)} ${teams(sheet)}
      <footer>
        ${this.fault ? html`<p class="fault" role="alert">${icon("alert")}${this.fault}</p>` : nothing}
        ${
          submitted
            ? html`<button type="button" class="button" aria-busy=${this.sending} @click=${this.reopen}>
                ${icon("write")}Change mine
              </button>`
            : html`${this.lock(sheet)}<button
                  type="button"
                  class="button primary"
                  aria-busy=${this.sending}
                  @click=${this.submit}
                >
                  Submit scorecard
                </button>`
        }
      </footer>`;
  }

  private lock({ hidden }: SheetView) {
    return html`<p class="muted row locked">
      ${icon("lock")}<span
        >${
          hidden
            ? this.card.reviewers.includes(me.id)
              ? "The team’s scores open to you once you submit yours."
              : "You left the reviewers before you submitted: the team’s scores open to you once you do."
            : "Only you see this until you submit it. Candidates never do."
        }</span
      >
    </p>`;
  }

  private saved() {
    const { state } = this.saving;
    if (!this.version && state.kind === "saved") return nothing;
    const refused = state.kind === "refused" || state.kind === "waiting";
    const words = {
      saved: "Saved",
      unsaved: "Editing",
      saving: "Saving",
      waiting: "Not saved yet",
      refused: "Not saved",
    };
    return html`<span class="badge ${refused ? "warn" : ""}" role="status" title=${refused ? state.words : nothing}
      >${icon(refused ? "offline" : state.kind === "saved" ? "check" : "sync")}${words[state.kind]}</span
    >`;
  }

  private form(sheet: SheetView) {
    const { ratings, hire, why } = this.draft;
    const rated = sheet.criteria.filter(({ id }) => ratings[id]);
    const refused = this.saving.state.kind === "refused" ? this.saving.state.words : "";
    return html`${refused ? html`<p class="notice bad" role="alert">${icon("alert")}${refused}</p>` : nothing}
      ${
        sheet.criteria.length
          ? overall(averageOf(ratings, rated), "Your average", `${rated.length} of ${sheet.criteria.length} scored`)
          : nothing
      }
      ${sheet.criteria.map((one) => criterion(one, ratings[one.id] ?? 0, (value) => this.rate(one.id, value)))}
      ${verdict(hire, (value: Hire) => this.edit({ hire: value }))}
      <div class="labelled">
        <label for="why">Why? <span class="muted">(optional)</span></label>
        <textarea
          class="box"
          id="why"
          rows="2"
          maxlength="2000"
          dir="auto"
          placeholder="What decided it for you"
          .value=${why}
          @input=${(event: Event) => this.edit({ why: (event.target as HTMLTextAreaElement).value }, true)}
          @change=${() => this.saving.now()}
        ></textarea>
      </div>`;
  }
}
