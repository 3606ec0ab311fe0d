/**
 * `<gr-writing>`: an answer in words. What is typed is kept on this device as it is typed, and saved by the button.
 *
 * Properties: `place`, `question` (id), `label` of the button. Fires `gr-answered` when the server has it.
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { Failure, sentence } from "../lib/api.ts";
import { many } from "../lib/time.ts";
import type { Place } from "./place.ts";

/** Longer than anybody wants to read; the server's own limit. */
const MOST = 10_000;
/** How long saving may wait without a word, in milliseconds. */
const LATE = 4000;

@customElement("gr-writing")
export class WritingElement extends LightElement {
  @property({ attribute: false }) place!: Place;
  @property() question = "";
  @property() label = "Save this answer";
  @state() private text = "";
  @state() private busy = false;
  @state() private fault = "";
  /** Saving has waited for a while. */
  @state() private late = false;

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("question")) return;
    this.text = this.place.draft(this.question) || (this.place.answer(this.question)?.text ?? "");
    this.fault = "";
  }

  #typed(event: Event): void {
    this.text = (event.target as HTMLTextAreaElement).value;
    this.fault = "";
    this.place.keepDraft(this.question, this.text);
  }

  async #save(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    if (this.text.trim() === "") {
      this.fault = "There is nothing to save yet.";
      this.querySelector("textarea")?.focus();
      return;
    }
    this.busy = true;
    const patience = window.setTimeout(() => (this.late = true), LATE);
    try {
      await this.place.write(this.question, this.text.trim());
      this.place.keepDraft(this.question, "");
      this.dispatchEvent(new CustomEvent("gr-answered", { bubbles: true }));
    } catch (error) {
      const kept = error instanceof Failure && error.passing ? " What you wrote is kept on this device." : "";
      this.fault = sentence(error) + kept;
    } finally {
      window.clearTimeout(patience);
      this.busy = this.late = false;
    }
  }

  protected override render(): TemplateResult {
    const words = this.text.trim() ? this.text.trim().split(/\s+/).length : 0;
    return html`<form class="sheet card" @submit=${(event: Event) => void this.#save(event)}>
      <div class="choice">
        <label for="answer">Your answer in writing</label>
        <textarea
          id="answer"
          class="input"
          rows="9"
          maxlength=${MOST}
          aria-describedby="answer-hint"
          aria-invalid=${this.fault ? "true" : "false"}
          .value=${this.text}
          @input=${(event: Event) => this.#typed(event)}
        ></textarea>
        <small id="answer-hint" class="spread">
          <span>Counts the same as a video. Kept on this device as you type.</span
          ><span class="num">${many(words, "word")}</span>
        </small>
        ${this.fault ? html`<p class="fault" role="alert">${icon("alert")}${this.fault}</p>` : nothing}
      </div>
      <button class="button primary tall block" aria-busy=${this.busy ? "true" : "false"}>${this.label}</button>
      ${this.late ? html`<p class="hint center" role="status">This takes longer than usual. What you wrote is kept on this device.</p>` : nothing}
    </form>`;
  }
}
