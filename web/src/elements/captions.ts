/**
 * `<gr-captions>`: what is said in a film, beside its player: read along, jump to a line, write and correct.
 *
 * It follows the `<gr-player>` that stands next to it. A change that somebody else made shows at once; while this page
 * edits it only says so, and saving then is refused until theirs has been looked at. In a line Enter goes to the next,
 * Ctrl+Enter saves, Ctrl+. plays and pauses, Escape leaves.
 */
import { html, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { CaptionsView, CueView } from "../live/protocol.gen.ts";
import { Failure, newKey, send, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { cueAt, newCue, ordered, readTime, written } from "../lib/cues.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { api } from "../lib/me.ts";
import { clock, many } from "../lib/time.ts";
import { toast } from "../lib/toast.ts";
import type { Player } from "./player.ts";

const LONGEST = 500;

interface Draft extends CueView {
  id: number;
  fault: string;
}

@customElement("gr-captions")
export class Captions extends LightElement {
  /** The recording they belong to. */
  @property() recording = "";
  /** Where their file is; another address says that they are others. */
  @property() file = "";
  @state() private view: CaptionsView | null = null;
  @state() private drafts: Draft[] | null = null;
  @state() private current = -1;
  @state() private fault = "";
  @state() private stale = false;
  @state() private saving = false;
  #number = 0;
  #dirty = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.parentElement?.addEventListener("gr-at", this.#moved);
    window.addEventListener("beforeunload", this.#leaving);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.parentElement?.removeEventListener("gr-at", this.#moved);
    window.removeEventListener("beforeunload", this.#leaving);
  }

  get #player(): Player | null {
    return this.parentElement?.querySelector<Player>("gr-player") ?? null;
  }

  #leaving = (event: BeforeUnloadEvent): void => {
    if (this.#dirty) event.preventDefault();
  };

  #moved = (event: Event): void => {
    const ms = (event as CustomEvent<number>).detail * 1000;
    const before = this.current;
    this.current = cueAt(this.drafts ?? this.view?.cues ?? [], ms);
    if (this.current !== before && this.current >= 0) void this.updateComplete.then(() => this.#reveal());
  };

  /** Keeps the line that is said in sight, without moving the page. */
  #reveal(): void {
    const list = this.find("ol");
    const line = list?.children[this.current] as HTMLElement | undefined;
    if (!list || !line || this.contains(document.activeElement)) return;
    list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 3;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("recording")) {
      this.view = this.drafts = null;
      this.#dirty = this.stale = false;
      this.fault = "";
      if (this.recording && this.file) void this.#load();
    } else if (changed.has("file") && !this.file.endsWith(`?v=${this.view?.version}`)) {
      if (this.drafts) this.stale = !this.saving;
      else if (this.file) void this.#load();
      else this.view = null;
    }
  }

  async #load(): Promise<void> {
    const { recording } = this;
    try {
      const view = await send<CaptionsView>("GET", api(`recordings/${recording}/captions`));
      if (recording !== this.recording) return;
      this.view = view;
      this.fault = "";
    } catch (error) {
      if (recording === this.recording) this.fault = sentence(error);
    }
  }

  #again(): Promise<void> {
    this.fault = "";
    return this.#load();
  }

  // Editing

  async #edit(): Promise<void> {
    this.fault = "";
    await this.#load();
    if (!this.view) return;
    this.stale = this.#dirty = false;
    this.drafts = this.view.cues.map((cue) => this.#draft(cue));
    if (!this.drafts.length) this.#add();
    else void this.#focus(Math.max(0, this.current));
  }

  #draft(cue: CueView): Draft {
    return { ...cue, id: ++this.#number, fault: "" };
  }

  #add(): void {
    const player = this.#player;
    const cue = this.#draft(newCue(this.drafts ?? [], (player?.seconds ?? 0) * 1000, (player?.length ?? 0) * 1000));
    this.drafts = ordered([...(this.drafts ?? []), cue]) as Draft[];
    void this.#focus(this.drafts.indexOf(cue));
  }

  async #focus(index: number): Promise<void> {
    await this.updateComplete;
    this.querySelectorAll<HTMLTextAreaElement>(".cue textarea")[index]?.focus();
  }

  #change(draft: Draft, change: Partial<Draft>): void {
    this.#dirty = true;
    this.drafts = (this.drafts ?? []).map((other) => (other.id === draft.id ? { ...other, ...change } : other));
  }

  #time(draft: Draft, end: "start_ms" | "end_ms", event: Event): void {
    const field = event.target as HTMLInputElement;
    const ms = readTime(field.value);
    if (ms === null) return this.#change(draft, { fault: "Write a time as 1:02.5" });
    const changed = { ...draft, [end]: ms };
    this.#change(draft, { [end]: ms, fault: changed.end_ms > changed.start_ms ? "" : "It ends before it begins" });
    field.value = written(ms);
  }

  #remove(draft: Draft): void {
    const at = this.drafts!.indexOf(draft);
    this.#dirty = true;
    this.drafts = this.drafts!.filter((other) => other !== draft);
    void this.#focus(Math.min(at, this.drafts.length - 1));
  }

  #key(event: KeyboardEvent, index: number): void {
    const held = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && held) void this.#save();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#next(index);
    else if (event.key === "." && held) this.#player?.toggle();
    else if (event.key === "Escape") void this.#leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** On to the next line; after the last one a new one begins where the film is. */
  #next(index: number): void {
    if (index + 1 < (this.drafts?.length ?? 0)) void this.#focus(index + 1);
    else this.#add();
  }

  async #leave(): Promise<void> {
    const sure =
      !this.#dirty ||
      (await confirmed({
        title: "Leave without saving?",
        text: "What you have changed in these captions is lost.",
        yes: "Leave",
        danger: true,
      }));
    if (!sure) return;
    this.drafts = null;
    this.#dirty = this.stale = false;
    this.fault = "";
    await this.#load();
    await this.updateComplete;
    this.find<HTMLElement>("header button")?.focus();
  }

  async #save(): Promise<void> {
    const cues = ordered((this.drafts ?? []).filter((draft) => draft.text.trim()));
    if ((this.drafts ?? []).some((draft) => draft.fault && draft.text.trim())) {
      this.fault = "A time needs to be mended first.";
      return;
    }
    const body = cues.map(({ start_ms, end_ms, text }) => ({ start_ms, end_ms, text }));
    await this.#send(() =>
      send<CaptionsView>("PUT", api(`recordings/${this.recording}/captions`), {
        version: this.view?.version ?? 0,
        cues: body,
      }),
    );
  }

  async #send(act: () => Promise<CaptionsView>): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    this.fault = "";
    try {
      this.view = await act();
      this.drafts = null;
      this.#dirty = this.stale = false;
      toast(this.view.cues.length ? "The captions are saved." : "There are no captions any more.");
    } catch (error) {
      this.fault = sentence(error);
      this.stale = error instanceof Failure && error.code === "captions_changed";
    } finally {
      this.saving = false;
    }
  }

  async #upload(event: Event): Promise<void> {
    const field = event.target as HTMLInputElement;
    const file = field.files?.[0];
    field.value = "";
    if (!file) return;
    const version = this.view?.version ?? (await this.#load(), this.view?.version ?? 0);
    await this.#send(async () => {
      const reply = await fetch(api(`recordings/${this.recording}/captions?version=${version}`), {
        method: "POST",
        headers: { "content-type": "text/vtt", accept: "application/json", "idempotency-key": newKey() },
        body: file,
      }).catch(() => null);
      if (!reply) throw new Failure("unreachable", "", 0);
      const told = (await reply.json().catch(() => ({}))) as Record<string, unknown>;
      if (!reply.ok)
        throw new Failure(String(told["code"] ?? "unavailable"), String(told["message"] ?? ""), reply.status);
      return told as unknown as CaptionsView;
    });
  }

  // Drawing

  protected override render() {
    if (!this.recording) return nothing;
    return html`<section class="captions" aria-label="Captions">
      ${this.drafts ? this.#editor(this.drafts) : this.#reader()}
    </section>`;
  }

  #reader() {
    if (this.file && !this.view && !this.fault) {
      return html`<div class="awaited" role="status" aria-busy="true" aria-label="Captions">
        <div class="skeleton"></div>
        <div class="skeleton"></div>
        <div class="skeleton"></div>
      </div>`;
    }
    if (this.file && !this.view) {
      return html`<p class="notice bad" role="alert">
        ${icon("alert")}<span class="grow">${this.fault}</span
        ><button type="button" class="button" @click=${() => void this.#again()}>Try again</button>
      </p>`;
    }
    const cues = this.file ? (this.view?.cues ?? []) : [];
    const tools = html`<button type="button" class="button quiet" @click=${() => void this.#edit()}>
        ${icon("write")}${cues.length ? "Edit captions" : "Write captions"}
      </button>
      <label class="button quiet upload">
        ${icon("arrow-up")}Upload a .vtt file
        <input class="sr" type="file" accept=".vtt,text/vtt" @change=${(event: Event) => void this.#upload(event)} />
      </label>
      ${
        cues.length
          ? html`<a class="button quiet" href=${this.file} download="captions.vtt">${icon("download")}Download</a>`
          : nothing
      }`;
    return html`${
        cues.length
          ? html`<ol class="lines">
              ${cues.map((cue, index) => this.#line(cue, index))}
            </ol>`
          : nothing
      }
      <header class="row wrap captiontools">
        ${cues.length ? nothing : html`<span class="muted grow">No captions yet</span>`}${tools}
      </header>
      ${this.fault ? html`<p class="fault" role="alert">${icon("alert")}${this.fault}</p>` : nothing}`;
  }

  #line(cue: CueView, index: number) {
    return html`<li>
      <button
        type="button"
        aria-current=${index === this.current ? "true" : nothing}
        @click=${() => this.#player?.seek(cue.start_ms / 1000)}
      >
        <span class="num">${clock(cue.start_ms / 1000)}</span><span dir="auto">${cue.text}</span>
      </button>
    </li>`;
  }

  #editor(drafts: Draft[]) {
    return html`<header class="row wrap captiontools">
        <h3 class="grow">Captions <span class="muted">${many(drafts.length, "line")}</span></h3>
        <button type="button" class="button" @click=${() => void this.#leave()}>Cancel</button>
        <button
          type="button"
          class="button primary"
          aria-busy=${this.saving}
          ?disabled=${this.stale}
          @click=${() => void this.#save()}
        >
          Save
        </button>
      </header>
      ${
        this.stale
          ? html`<div class="notice warn" role="alert">
              ${icon("alert")}<b>Somebody else changed these captions meanwhile</b>
              <p>Yours are not saved. Copy what you need, then look at theirs.</p>
              <p>
                <button type="button" class="textlink" @click=${() => void this.#edit()}>Show theirs</button>
              </p>
            </div>`
          : nothing
      }
      ${this.fault && !this.stale ? html`<p class="fault" role="alert">${icon("alert")}${this.fault}</p>` : nothing}
      <ol class="cues">
        ${repeat(
          drafts,
          (draft) => draft.id,
          (draft, index) => this.#row(draft, index),
        )}
      </ol>
      <footer class="row wrap captiontools">
        <button type="button" class="button" @click=${() => this.#add()}>${icon("plus")}Add a line here</button>
        <p class="keys muted" aria-hidden="true">
          <kbd>Enter</kbd> next line <kbd>Ctrl</kbd><kbd>.</kbd> play <kbd>Ctrl</kbd><kbd>Enter</kbd> save
        </p>
      </footer>`;
  }

  #row(draft: Draft, index: number) {
    const number = index + 1;
    const time = (end: "start_ms" | "end_ms", label: string) =>
      html`<input
        class="box num"
        inputmode="decimal"
        aria-label="${label} of line ${number}"
        aria-invalid=${draft.fault ? "true" : nothing}
        .value=${written(draft[end])}
        @change=${(event: Event) => this.#time(draft, end, event)}
      />`;
    return html`<li class="cue" aria-current=${index === this.current ? "true" : nothing}>
      <button
        type="button"
        class="button quiet icon"
        aria-label="Play from line ${number}"
        @click=${() => (this.#player?.seek(draft.start_ms / 1000), void this.#player?.play())}
      >
        ${icon("play")}
      </button>
      ${time("start_ms", "Beginning")}${time("end_ms", "End")}
      <textarea
        class="box"
        rows="1"
        dir="auto"
        maxlength=${LONGEST}
        aria-label="Words of line ${number}"
        .value=${draft.text}
        @focus=${() => this.#player?.seek(draft.start_ms / 1000)}
        @input=${(event: Event) => this.#change(draft, { text: (event.target as HTMLTextAreaElement).value })}
        @keydown=${(event: KeyboardEvent) => this.#key(event, index)}
      ></textarea>
      <button
        type="button"
        class="button quiet icon"
        aria-label="Remove line ${number}"
        @click=${() => this.#remove(draft)}
      >
        ${icon("bin")}
      </button>
      ${draft.fault ? html`<p class="fault" role="alert">${icon("alert")}${draft.fault}</p>` : nothing}
    </li>`;
  }
}
