/**
 * `<gr-palette>`: search or jump. A dialog with a combobox: people, jobs, pages and actions in one list, by keyboard.
 * What this tab knows is there at once; the server is asked for names while somebody types.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { Finding } from "../live/protocol.gen.ts";
import { pageActions, type Action } from "../lib/actions.ts";
import { send } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { api } from "../lib/me.ts";
import { candidateFace } from "../lib/picture.ts";
import { remember } from "../lib/recent.ts";
import { many } from "../lib/time.ts";
import { askedOf, markedParts, sectionsOf, type Asked, type Hit, type Section } from "./palette-hits.ts";

const PAUSE_MS = 90; // between the last key and the question

@customElement("gr-palette")
export class Palette extends LightElement {
  @state() private text = "";
  @state() private found: Finding | null = null;
  @state() private at = 0;
  @state() private failed = false;
  private asking: AbortController | null = null;
  private timer = 0;
  private answered = "";
  private offered: readonly Action[] = [];

  /** Shows it, with what was typed already. */
  show(text: string): void {
    const dialog = this.find<HTMLDialogElement>("dialog");
    if (!dialog || dialog.open) return;
    this.offered = pageActions(); // now: what has the focus says what can be done with it
    this.text = text;
    this.answered = "";
    this.found = null;
    this.at = 0;
    this.requestUpdate(); // other things may be offered for the same words
    dialog.showModal();
    this.find("input")?.focus();
    if (text) void this.ask();
  }

  private get asked(): Asked {
    return askedOf(this.text);
  }

  private typed(event: Event): void {
    this.text = (event.target as HTMLInputElement).value;
    this.at = 0;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  /** Whether the list is that of the words, and nothing was asked since. */
  private async ask(): Promise<boolean> {
    const { words, kind } = this.asked;
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!words || kind === "actions") {
      this.found = null;
      this.answered = "";
      return true;
    }
    const asking = (this.asking = new AbortController());
    try {
      const found = await send<Finding>("GET", api(`find?q=${encodeURIComponent(words)}`), undefined, {
        signal: asking.signal,
      });
      if (asking.signal.aborted) return false;
      const chosen = this.hits[this.at]?.id;
      this.found = found;
      this.answered = words;
      this.failed = false;
      // Somebody may have gone down already: they stay on what they have, wherever it is now.
      if (this.at > 0)
        this.at = Math.max(
          0,
          this.hits.findIndex((hit) => hit.id === chosen),
        );
    } catch {
      if (asking.signal.aborted) return false;
      this.failed = true;
    }
    return true;
  }

  private get sections(): readonly Section[] {
    return sectionsOf(this.asked, this.found, this.offered);
  }

  private get hits(): readonly Hit[] {
    return this.sections.flatMap((section) => section.hits);
  }

  private key(event: KeyboardEvent): void {
    const { length } = this.hits;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined && length) {
      const next = this.at + step;
      const wraps = Math.abs(step) === 1;
      this.at = wraps ? (next + length) % length : Math.max(0, Math.min(length - 1, next));
      void this.updateComplete.then(() => this.find(`[aria-selected="true"]`)?.scrollIntoView({ block: "nearest" }));
    } else if (event.key === "Enter" && !event.isComposing) {
      void this.enter(event.ctrlKey || event.metaKey);
    } else return;
    event.preventDefault();
  }

  /** Takes what is chosen. The first of a list that belongs to fewer letters was not chosen: the right one is waited for. */
  private async enter(apart: boolean): Promise<void> {
    const early = this.waiting && this.at === 0;
    if (early && !((await this.ask()) && this.find<HTMLDialogElement>("dialog")?.open)) return;
    const hit = this.hits[this.at];
    if (hit) this.choose(hit, apart);
  }

  private choose(hit: Hit, apart: boolean): void {
    this.find<HTMLDialogElement>("dialog")?.close();
    if (!hit.url) return hit.run?.();
    if (hit.face || hit.colour || hit.id.startsWith("r")) {
      remember({ url: hit.url, label: hit.label, detail: hit.detail ?? "Job", icon: hit.icon ?? "right" });
    }
    if (apart) window.open(hit.url, "_blank", "noopener");
    else location.assign(hit.url);
  }

  protected override render() {
    const { sections, hits } = this;
    const selected = hits[this.at];
    return html`<dialog class="palette" aria-label="Search or jump" @click=${this.outside}>
      <div class="ask">
        ${icon("find")}
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="hits"
          aria-autocomplete="list"
          aria-activedescendant=${selected ? `hit-${this.at}` : nothing}
          aria-label="Search or jump"
          placeholder="A candidate, a job or what to do"
          autocomplete="off"
          spellcheck="false"
          maxlength="200"
          .value=${this.text}
          @input=${this.typed}
          @keydown=${this.key}
        />
        <kbd aria-hidden="true">Esc</kbd>
      </div>
      <div id="hits" role="listbox" aria-label="Results" tabindex="-1">${this.list(sections)}</div>
      ${hits.length ? nothing : html`<p class="none muted">${this.nothing()}</p>`}
      <p class="sr" role="status">${this.text && !this.waiting ? many(hits.length, "result") : ""}</p>
      <footer aria-hidden="true">
        <span><kbd>↑</kbd><kbd>↓</kbd> choose</span><span><kbd>Enter</kbd> open</span
        ><span><kbd>Ctrl</kbd><kbd>Enter</kbd> new tab</span><span class="grow"></span
        ><span><kbd>&gt;</kbd> actions</span><span><kbd>@</kbd> candidates</span><span><kbd>#</kbd> jobs</span>
      </footer>
    </dialog>`;
  }

  private get waiting(): boolean {
    const { words, kind } = this.asked;
    return Boolean(words) && kind !== "actions" && words !== this.answered && !this.failed;
  }

  private nothing(): string {
    if (this.failed) return "Greenroom cannot be reached just now. Pages and actions work.";
    if (this.waiting) return "Looking…";
    return this.asked.words ? `Nothing is called “${this.asked.words}”.` : "Type a name.";
  }

  private list(sections: readonly Section[]) {
    let at = -1;
    return sections.map(
      ({ title, hits }, index) =>
        html`<div role="group" aria-labelledby="hits-${index}">
          <h2 id="hits-${index}" role="presentation">${title}</h2>
          ${hits.map((hit) => this.hit(hit, (at += 1)))}
        </div>`,
    );
  }

  private hit(hit: Hit, at: number) {
    const lead = hit.face
      ? candidateFace(hit.face.id, hit.label, hit.face.poster)
      : hit.colour
        ? html`<span class="dot c${hit.colour}"></span>`
        : icon(hit.icon ?? "right");
    return html`<div
      role="option"
      id="hit-${at}"
      class="hit ${hit.face || hit.detail ? "" : "slim"}"
      aria-selected=${at === this.at}
      @mousemove=${() => (this.at = at)}
      @click=${(event: MouseEvent) => this.choose(hit, event.ctrlKey || event.metaKey)}
    >
      ${lead}
      <span class="grow"
        ><span class="cut"
          ><bdi
            >${markedParts(hit.label, this.asked.words).map((part) => (part.hit ? html`<mark>${part.text}</mark>` : part.text))}</bdi
          ></span
        >${hit.detail ? html`<span class="muted cut"><bdi>${hit.detail}</bdi></span>` : nothing}</span
      >
      ${hit.aside ? html`<span class="muted num">${hit.aside}</span>` : nothing}
    </div>`;
  }

  /** A click beside it closes it. */
  private outside(event: MouseEvent): void {
    if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
  }
}

/** Opens the palette, made when it is wanted first; `early` says what was typed meanwhile. */
export async function open(early: () => string): Promise<void> {
  let palette = document.querySelector<Palette>("gr-palette");
  if (!palette) {
    palette = document.createElement("gr-palette") as Palette;
    document.body.append(palette);
  }
  await palette.updateComplete;
  palette.show(early());
}
