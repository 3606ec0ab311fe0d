/**
 * The dialog in which a message template is written, with a look at what a candidate would read. Who saves over somebody
 * else's change is told first; a template that was deleted meanwhile can be kept as a new one.
 */
import { html, nothing, render } from "lit";
import type { MessageTemplateView } from "../live/protocol.gen.ts";
import { Failure, newKey, send, sentence } from "./api.ts";
import { dialogOf, shown } from "./dialog.ts";
import { icon } from "./icons.ts";
import { api, firstName, me, shortName } from "./me.ts";
import { faultIn, fill, PLACEHOLDERS, wordsFor } from "./placeholders.ts";
import { templates } from "./templates.ts";
import { toast } from "./toast.ts";

const EXAMPLE = { name: "Noor Haddad", job: "Product engineer" };
const LONGEST_NAME = 80;

/** Opens it; resolves when it has closed. Null begins a new one, with words that somebody has written already or with none. */
export function openTemplate(template: MessageTemplateView | null, words = "Hello {first_name},\n\n"): Promise<void> {
  return new TemplateDialog(template, words).show();
}

class TemplateDialog {
  private readonly dialog = dialogOf("template-title", "declining together templating");
  private readonly unwatch = templates.watch(() => this.compare());
  private name: string;
  private text: string;
  private readonly begun: string;
  private nameFault = "";
  private textFault = "";
  private fault = "";
  private key = newKey();
  private saving = false;
  /** What somebody else made of it meanwhile; `gone`: deleted. */
  private theirs: MessageTemplateView | "gone" | null = null;

  constructor(
    private was: MessageTemplateView | null,
    words: string,
  ) {
    this.name = was?.name ?? "";
    this.text = this.begun = was?.text ?? words;
  }

  async show(): Promise<void> {
    this.draw();
    await shown(this.dialog, this.was ? "textarea" : "input");
    this.unwatch();
  }

  private get changed(): boolean {
    return this.name !== (this.was?.name ?? "") || this.text !== (this.was?.text ?? "");
  }

  /** Somebody else may have saved it, or deleted it: nothing is overwritten unseen. */
  private compare(): void {
    const { was } = this;
    if (!was || this.saving) return;
    const now = templates.rows?.find((one) => one.id === was.id);
    if (!now) this.theirs = "gone";
    else if (now.version > was.version) {
      if (this.changed) this.theirs = now;
      else this.take(now);
    }
    this.draw();
  }

  private take(theirs: MessageTemplateView): void {
    this.was = theirs;
    this.name = theirs.name;
    this.text = theirs.text;
    this.theirs = null;
    this.draw();
    this.dialog.querySelector("input")!.value = this.name;
    this.dialog.querySelector("textarea")!.value = this.text;
  }

  private write(part: { name?: string; text?: string }): void {
    if (part.name !== undefined) this.nameFault = "";
    if (part.text !== undefined) this.textFault = "";
    Object.assign(this, part);
    this.fault = "";
    this.key = newKey();
    this.draw();
  }

  private insert(placeholder: string): void {
    const area = this.dialog.querySelector("textarea")!;
    area.setRangeText(`{${placeholder}}`, area.selectionStart, area.selectionEnd, "end");
    this.write({ text: area.value });
    area.focus();
  }

  private async save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.saving) return;
    this.nameFault = this.name.trim() ? "" : "Give it a name.";
    this.textFault = faultIn(this.text);
    if (this.nameFault || this.textFault) return this.refuse();
    this.saving = true;
    this.draw();
    const { was, name, text, key, theirs } = this;
    const known = was && theirs !== "gone" ? { ...was, version: theirs?.version ?? was.version } : null;
    try {
      const saved = known
        ? await send<MessageTemplateView>(
            "PATCH",
            api(`message-templates/${known.id}`),
            { version: known.version, name, text },
            { key },
          )
        : await send<MessageTemplateView>("POST", api("message-templates"), { name, text }, { key });
      templates.saved(saved);
      this.dialog.close();
      toast(known ? `Changed **${shortName(saved.name)}**` : `Kept **${shortName(saved.name)}**`, { name: "template" });
    } catch (error) {
      await this.failed(error);
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (!(error instanceof Failure && error.passing)) this.key = newKey(); // else the same again, done once at most
    this.saving = false;
    if (!(error instanceof Failure)) this.fault = sentence(error);
    else if (error.code === "template_taken") this.nameFault = error.message;
    else if (error.code === "changed_meanwhile" || error.code === "not_found") {
      await templates.refresh().catch(() => undefined); // and then it is compared
    } else {
      this.nameFault = error.fields["name"] ?? "";
      this.textFault = error.fields["text"] ?? "";
      this.fault = this.nameFault || this.textFault ? "" : sentence(error);
    }
    this.refuse();
  }

  private refuse(): void {
    this.draw();
    this.dialog.querySelector<HTMLElement>(`[aria-invalid="true"]`)?.focus();
  }

  private draw(): void {
    const { was, nameFault, textFault } = this;
    render(
      html`<form novalidate @submit=${(event: SubmitEvent) => void this.save(event)}>
        <h2 id="template-title">${was ? "Edit template" : "New template"}</h2>
        ${this.meanwhile()}
        <div class="labelled">
          <label for="template-name">Name</label>
          <span class="field"
            ><input
              id="template-name"
              maxlength=${LONGEST_NAME}
              autocomplete="off"
              dir="auto"
              aria-describedby="template-name-fault"
              aria-invalid=${nameFault ? "true" : "false"}
              .defaultValue=${was?.name ?? ""}
              @input=${(event: Event) => this.write({ name: (event.target as HTMLInputElement).value })}
          /></span>
          ${faultLine("template-name-fault", nameFault)}
        </div>
        <div class="labelled">
          <label for="template-text">Message</label>
          <textarea
            class="box"
            id="template-text"
            rows="8"
            dir="auto"
            aria-describedby="template-text-fault template-help"
            aria-invalid=${textFault ? "true" : "false"}
            .defaultValue=${was?.text ?? this.begun}
            @input=${(event: Event) => this.write({ text: (event.target as HTMLTextAreaElement).value })}
          ></textarea>
          <p class="row holders" role="group" aria-label="Put into the message">
            ${PLACEHOLDERS.map(
              (name) =>
                html`<button type="button" class="button small" @click=${() => this.insert(name)}>{${name}}</button>`,
            )}
          </p>
          ${faultLine("template-text-fault", textFault)}
        </div>
        ${this.preview()}
        <p class="help" id="template-help">
          ${
            was
              ? "Messages that were sent stay as they are. Stages keep the words they have, and offer the new ones in the job's editor."
              : "Everybody who writes to candidates can use it."
          }
        </p>
        ${faultLine("template-fault", this.fault)}
        <footer>
          <button type="button" class="button" @click=${() => this.dialog.close()}>Cancel</button>
          <button class="button primary" ?disabled=${this.saving}>${this.saving ? "Saving" : this.yes}</button>
        </footer>
      </form>`,
      this.dialog,
    );
  }

  private get yes(): string {
    if (this.theirs === "gone") return "Keep as a new one";
    return this.theirs ? "Save mine over it" : "Save";
  }

  private meanwhile() {
    const { theirs } = this;
    if (!theirs) return nothing;
    if (theirs === "gone") {
      return html`<div class="notice warn" role="alert">
        ${icon("alert")}<span
          >Somebody deleted this template meanwhile. What you have here can be kept as a new one.</span
        >
      </div>`;
    }
    const who = theirs.by ? (theirs.by.id === me.id ? "You" : firstName(theirs.by.name)) : "Somebody";
    return html`<div class="notice warn" role="alert">
      ${icon("alert")}<span class="grow"><bdi>${who}</bdi> changed this template while you were writing.</span>
      <button type="button" class="button small" @click=${() => this.take(theirs)}>Use theirs</button>
    </div>`;
  }

  private preview() {
    const workspace = document.body.dataset["workspaceName"] ?? "";
    const text = fill(this.text.trim(), wordsFor(EXAMPLE.name, EXAMPLE.job, workspace, me.name));
    return html`<section class="asread" aria-label="Preview">
      <header class="row"><span class="muted cut">As ${EXAMPLE.name} would read it</span></header>
      <p dir="auto">${text || html`<span class="muted">Nothing yet</span>`}</p>
    </section>`;
  }
}

function faultLine(id: string, words: string) {
  return html`<p class="fault" id=${id} role="alert" ?hidden=${!words}>${icon("alert")}${words}</p>`;
}
