/** `<gr-templates>`: the workspace's message templates, to be read, made, changed and deleted. What others do shows at once. */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { MessageTemplates, MessageTemplateView } from "../live/protocol.gen.ts";
import { offerActions } from "../lib/actions.ts";
import { send, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { api, firstName, me, shortName } from "../lib/me.ts";
import { plainName } from "../lib/moves.ts";
import { offer } from "../lib/shortcuts.ts";
import { templates } from "../lib/templates.ts";
import { age, exactly, many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";
import { openTemplate } from "../lib/template-dialog.ts";

const FINDABLE = 8; // from so many on, they can be looked for

@customElement("gr-templates")
export class TemplatesPage extends RestingElement {
  @state() private words = "";
  private leave: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    templates.start(pageData<MessageTemplates>());
    const make = { label: "New template", run: () => void openTemplate(null) };
    this.leave = [
      templates.watch(() => this.requestUpdate()),
      offer([
        { ...make, keys: "N", group: "Here" },
        { keys: "/", label: "Find a template", group: "Here", run: () => this.find("input[type=search]")?.focus() },
      ]),
      offerActions(() => [{ ...make, icon: "plus", words: "add create message" }]),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leave) leave();
  }

  private get rows(): readonly MessageTemplateView[] {
    return templates.rows ?? [];
  }

  private async drop(template: MessageTemplateView): Promise<void> {
    const agreed = await confirmed({
      title: `Delete “${shortName(template.name)}”?`,
      text: "Nobody is offered it any more. Messages that were sent and stages that use its words keep them.",
      yes: "Delete",
      danger: true,
    });
    if (!agreed) return;
    try {
      await send("DELETE", api(`message-templates/${template.id}`));
    } catch (error) {
      return void alarm(sentence(error));
    }
    templates.dropped(template.id);
    toast(`Deleted **${shortName(template.name)}**`, {
      name: "template",
      action: { label: "Undo", run: () => void this.keepAgain(template) },
    });
  }

  private async keepAgain({ name, text }: MessageTemplateView): Promise<void> {
    try {
      templates.saved(await send<MessageTemplateView>("POST", api("message-templates"), { name, text }));
    } catch (error) {
      alarm(sentence(error));
    }
  }

  protected override render() {
    const words = plainName(this.words).split(/\s+/).filter(Boolean);
    const shown = this.rows.filter((one) => words.every((word) => plainName(`${one.name} ${one.text}`).includes(word)));
    return html`${this.heading(shown.length)}
      <div class="body">
        ${
          shown.length
            ? html`<ul class="card templatelist" aria-label="Message templates">
                ${repeat(
                  shown,
                  (one) => one.id,
                  (one) => this.row(one),
                )}
              </ul>`
            : this.empty()
        }
      </div>`;
  }

  private heading(shown: number) {
    return html`<header class="head">
      <div class="row">
        <h1>Message templates</h1>
        <span class="muted cut" role="status">${many(shown, "template")}</span>
        <span class="grow"></span>
        <button type="button" class="button primary" @click=${() => void openTemplate(null)}>
          ${icon("plus")}<span>New template</span>
        </button>
      </div>
      ${
        this.rows.length >= FINDABLE
          ? html`<div class="row tools">
              <label class="field">
                ${icon("find")}
                <input
                  type="search"
                  placeholder="Find a template"
                  aria-label="Find a template"
                  autocomplete="off"
                  maxlength="200"
                  @input=${(event: Event) => (this.words = (event.target as HTMLInputElement).value)}
                />
                <kbd aria-hidden="true">/</kbd>
              </label>
            </div>`
          : nothing
      }
    </header>`;
  }

  private row(template: MessageTemplateView) {
    const { name, text, by, changed_at: at } = template;
    const who = by ? (by.id === me.id ? "You" : firstName(by.name)) : "";
    return html`<li>
      <div class="what">
        <button type="button" class="open cut" @click=${() => void openTemplate(template)}>
          <span class="sr">Edit </span><bdi>${name}</bdi>
        </button>
        <p class="muted" dir="auto">${text}</p>
      </div>
      ${
        by
          ? html`<span class="by muted" title="Changed by ${by.name}, ${exactly(at)}"
              >${avatar(by.id, by.colour, "small")}<span class="cut">${who}, ${age(at)}</span></span
            >`
          : html`<span class="by muted">From Greenroom</span>`
      }
      <button
        type="button"
        class="button quiet icon"
        aria-label="Delete ${name}"
        title="Delete"
        @click=${() => void this.drop(template)}
      >
        ${icon("bin")}
      </button>
    </li>`;
  }

  private empty() {
    return this.words
      ? html`<div class="empty">
          ${icon("find")}<strong>No template has these words</strong><span>Try fewer letters.</span>
        </div>`
      : html`<div class="empty">
          ${icon("text")}<strong>No templates yet</strong
          ><span>Keep what you write again and again, with the candidate's name filled in each time.</span>
        </div>`;
  }
}
