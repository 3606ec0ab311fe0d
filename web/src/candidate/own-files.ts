/**
 * `<gr-own-files>`: what the candidate brought beside their answers, a CV above all. They see it here, add to it, and
 * take it back until they have handed in.
 *
 * Property: `base` of their place. The first list stands in the page (`#files`).
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { send, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { pageData } from "../lib/data.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { bytes } from "../lib/size.ts";
import type { OwnFile, OwnFiles } from "../live/protocol.gen.ts";
import { sendOwnFile, TAKEN, unfit } from "./bringing.ts";

@customElement("gr-own-files")
export class OwnFilesElement extends LightElement {
  @property() base = "";
  @state() private own = pageData<OwnFiles>("files");
  @state() private busy = false;
  @state() private fault = "";

  /** Something of theirs changed, here or in another tab. */
  async refresh(): Promise<void> {
    this.own = await send<OwnFiles>("GET", `${this.base}/api/files`);
  }

  private async work(act: () => Promise<OwnFiles>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.fault = "";
    try {
      this.own = await act();
    } catch (error) {
      this.fault = sentence(error);
    }
    this.busy = false;
  }

  private bring(input: HTMLInputElement): void {
    const file = input.files?.[0];
    this.fault = unfit(file);
    if (file && !this.fault) void this.work(() => sendOwnFile(this.base, file));
    input.value = "";
  }

  private async takeBack(file: OwnFile): Promise<void> {
    const agreed = await confirmed({
      title: "Take this file back?",
      text: `${file.name.slice(0, 80)} is deleted, and the team does not see it any more.`,
      yes: "Take it back",
      danger: true,
    });
    if (agreed) await this.work(() => send<OwnFiles>("DELETE", `${this.base}/api/files/${file.id}`));
  }

  protected override render(): TemplateResult {
    const { files, most, removable } = this.own;
    return html`${
      files.length
        ? html`<ul class="ownfiles">
            ${files.map(
              (file) =>
                html`<li>
                  ${icon("file")}
                  <a class="grow" href=${file.url} download
                    ><bdi class="cut">${file.name}</bdi><small>${bytes(file.bytes)}</small></a
                  >
                  ${
                    removable
                      ? html`<button
                          type="button"
                          class="button quiet icon"
                          aria-label="Take back ${file.name}"
                          @click=${() => void this.takeBack(file)}
                        >
                          ${icon("bin")}
                        </button>`
                      : nothing
                  }
                </li>`,
            )}
          </ul>`
        : html`<p class="hint">
            A CV is welcome and not needed. PDF, Word, a picture or plain text, up to 15 MB. Only the team sees it.
          </p>`
    }
    ${this.fault ? html`<p class="fault" role="alert">${icon("alert")}${this.fault}</p>` : nothing}
    ${
      files.length < most
        ? html`<label class="button ${this.busy ? "pending" : ""}" aria-busy=${this.busy}
            >${icon("clip")}${this.busy ? "Sending" : files.length ? "Add another file" : "Add a CV or another file"}<input
              type="file"
              class="sr"
              accept=${TAKEN}
              ?disabled=${this.busy}
              @change=${(event: Event) => this.bring(event.target as HTMLInputElement)}
          /></label>`
        : nothing
    }
    ${!removable && files.length ? html`<p class="hint">You have handed in, so your files stay with the team.</p>` : nothing}`;
  }
}
