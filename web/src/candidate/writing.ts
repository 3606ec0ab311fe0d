/**
 * `<gr-writing>`: an answer in words. What is typed is kept in this tab as it is typed, and saved by the button.
 *
 * Properties: `place`, `question` (id), `label` of the button. Fires `gr-answered` when the server has it.
 */

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { sentence } from "../lib/api.ts";
import { many } from "../lib/time.ts";
import { session, type Place } from "./place.ts";

/** Longer than anybody wants to read; the server's own limit. */
const MOST = 10_000;

export class WritingElement extends LitElement {
  static override properties = {
    place: { attribute: false },
    question: {},
    label: {},
    _text: { state: true },
    _busy: { state: true },
    _fault: { state: true },
  };
  declare place: Place;
  declare question: string;
  declare label: string;
  declare _text: string;
  declare _busy: boolean;
  declare _fault: string;

  constructor() {
    super();
    this.question = "";
    this.label = "Save this answer";
    this._text = this._fault = "";
    this._busy = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("question")) return;
    this._text = session.get(`draft.${this.question}`) || (this.place.answer(this.question)?.text ?? "");
    this._fault = "";
  }

  #typed(event: Event): void {
    this._text = (event.target as HTMLTextAreaElement).value;
    this._fault = "";
    session.set(`draft.${this.question}`, this._text);
  }

  async #save(event: Event): Promise<void> {
    event.preventDefault();
    if (this._busy) return;
    if (this._text.trim() === "") {
      this._fault = "There is nothing to save yet.";
      this.querySelector("textarea")?.focus();
      return;
    }
    this._busy = true;
    try {
      await this.place.write(this.question, this._text.trim());
      session.set(`draft.${this.question}`, "");
      this.dispatchEvent(new CustomEvent("gr-answered", { bubbles: true }));
    } catch (error) {
      this._fault = sentence(error);
    } finally {
      this._busy = false;
    }
  }

  protected override render(): TemplateResult {
    const words = this._text.trim() ? this._text.trim().split(/\s+/).length : 0;
    return html`<form class="sheet card" @submit=${(event: Event) => void this.#save(event)}>
      <div class="choice">
        <label for="answer">Your answer in writing</label>
        <textarea
          id="answer"
          class="input"
          rows="9"
          maxlength=${MOST}
          aria-describedby="answer-hint"
          aria-invalid=${this._fault ? "true" : "false"}
          .value=${this._text}
          @input=${(event: Event) => this.#typed(event)}
        ></textarea>
        <small id="answer-hint" class="spread">
          <span>Counts the same as a video. Kept in this tab as you type.</span
          ><span class="num">${many(words, "word")}</span>
        </small>
        ${this._fault ? html`<p class="fault" role="alert">${icon("alert")}${this._fault}</p>` : nothing}
      </div>
      <button class="button primary tall block" aria-busy=${this._busy ? "true" : "false"}>${this.label}</button>
    </form>`;
  }
}

customElements.define("gr-writing", WritingElement);
