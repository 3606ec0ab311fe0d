/** The dialog in which a message to many is written: from a template or from nothing, and seen as each of them reads it. */
import { html, nothing, render, type TemplateResult } from "lit";
import type { Card, FlowView } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "./api.ts";
import { dialogOf, shown } from "./dialog.ts";
import { icon } from "./icons.ts";
import { api, me, shortName } from "./me.ts";
import { faultIn, fill, LONGEST, PLACEHOLDERS, wordsFor } from "./placeholders.ts";
import { templatesButton } from "./template-button.ts";
import type { Choice } from "./template-menu.ts";
import { alarm } from "./toast.ts";

/** What they are written to for. */
export interface Occasion {
  title: string;
  /** Who gets it and how. */
  help: string;
  /** What the button does. */
  yes: string;
  /** What stands there at first. */
  text?: string;
  /** What is done with nothing said, and the word for it. */
  without?: { label: string; run: () => void };
  /** What is decided with it. */
  more?: TemplateResult | typeof nothing;
}

export class MessageDialog {
  private readonly dialog = dialogOf("together-title", "declining together");
  private stages: readonly Choice[] = [];
  private text: string;
  private at = 0;
  private fault = "";
  private sending = false;

  /** To these cards of the job that is called so. `sent` sends the text; it rejects with the server's refusal. */
  constructor(
    private readonly job: string,
    private readonly cards: readonly Card[],
    private readonly occasion: Occasion,
    private readonly sent: (text: string) => void | Promise<void>,
  ) {
    this.text = occasion.text ?? "";
  }

  /** Resolves when it is closed. */
  open(): Promise<void> {
    this.draw();
    void this.more();
    return shown(this.dialog, "textarea");
  }

  /** What the stages of this job write by themselves can be written by hand as well. */
  private async more(): Promise<void> {
    try {
      const flow = await send<FlowView>("GET", api(`jobs/${this.cards[0]!.job}/flow`));
      this.stages = flow.stages.flatMap((stage) =>
        stage.actions
          .filter((action) => action.kind === "message")
          .map((action) => ({ id: null, name: `${stage.name}: on ${action.when}`, text: action.text })),
      );
    } catch {
      // Then without them.
    }
  }

  private filled(card: Card): string {
    const workspace = document.body.dataset["workspaceName"] ?? "";
    return fill(this.text.trim(), wordsFor(card.name, this.job, workspace, me.name));
  }

  private write(text: string): void {
    this.text = text;
    this.fault = "";
    this.draw();
  }

  private insert(name: string): void {
    const area = this.dialog.querySelector("textarea")!;
    area.setRangeText(`{${name}}`, area.selectionStart, area.selectionEnd, "end");
    this.write(area.value);
    area.focus();
  }

  private async send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    this.fault = faultIn(this.text);
    this.sending = !this.fault;
    this.draw();
    if (this.fault) return void this.dialog.querySelector("textarea")?.focus();
    try {
      await this.sent(this.text);
      this.dialog.close();
    } catch (error) {
      this.sending = false;
      this.fault = error instanceof Failure && error.fields["text"] ? error.fields["text"] : sentence(error);
      if (!this.dialog.isConnected) alarm(this.fault);
      this.draw();
    }
  }

  private draw(): void {
    const { title, help, yes, text, without, more } = this.occasion;
    render(
      html`<form novalidate @submit=${(event: SubmitEvent) => void this.send(event)}>
        <h2 id="together-title">${title}</h2>
        <div class="labelled">
          <div class="row between">
            <label for="together-words">Message</label>
            ${templatesButton(() => ({
              area: () => this.dialog.querySelector("textarea"),
              about: null,
              more: { heading: "From the stages of this job", choices: this.stages },
            }))}
          </div>
          <textarea
            class="box"
            id="together-words"
            rows="7"
            dir="auto"
            maxlength=${LONGEST}
            aria-describedby="together-help together-fault"
            aria-invalid=${this.fault ? "true" : "false"}
            .defaultValue=${text ?? ""}
            @input=${(event: Event) => this.write((event.target as HTMLTextAreaElement).value)}
          ></textarea>
          <p class="row holders">
            ${PLACEHOLDERS.map(
              (name) =>
                html`<button type="button" class="button small" @click=${() => this.insert(name)}>{${name}}</button>`,
            )}
          </p>
          <p class="fault" id="together-fault" role="alert" ?hidden=${!this.fault}>${icon("alert")}${this.fault}</p>
        </div>
        ${this.preview()} ${more ?? nothing}
        <p class="help" id="together-help">${help}</p>
        <footer>
          <button type="button" class="button" @click=${() => this.dialog.close()}>Cancel</button>
          ${without ? this.silently(without) : nothing}
          <button class="button primary" ?disabled=${this.sending}>${this.sending ? "Sending" : yes}</button>
        </footer>
      </form>`,
      this.dialog,
    );
  }

  private silently({ label, run }: NonNullable<Occasion["without"]>) {
    const go = () => {
      run();
      this.dialog.close();
    };
    return html`<span class="grow"></span><button type="button" class="button" @click=${go}>${label}</button>`;
  }

  private preview() {
    const card = this.cards[this.at]!;
    const turn = (by: number) => {
      this.at = (this.at + by + this.cards.length) % this.cards.length;
      this.draw();
    };
    const button = (by: number, label: string, sign: string) =>
      html`<button type="button" class="button quiet icon" aria-label=${label} @click=${() => turn(by)}>
        ${icon(sign)}
      </button>`;
    return html`<section class="asread" aria-label="Preview">
      <header class="row">
        <span class="muted cut">As <bdi>${shortName(card.name)}</bdi> reads it</span>
        <span class="grow"></span>
        ${
          this.cards.length > 1
            ? html`<span class="muted num">${this.at + 1} of ${this.cards.length}</span
                >${button(-1, "Previous preview", "left")}${button(1, "Next preview", "right")}`
            : nothing
        }
      </header>
      <p dir="auto">${this.text.trim() ? this.filled(card) : html`<span class="muted">Nothing yet</span>`}</p>
    </section>`;
  }
}
