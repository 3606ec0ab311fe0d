/**
 * `<gr-phone>`: "continue on my phone". Asks the server for a fresh link, only when somebody wants one, and draws it as a
 * QR code; the link can be copied as well. It opens one other device, and ends by itself after some minutes: then the
 * code goes, and a new one can be had.
 *
 * The code is drawn in the browser: such a link must not travel through anybody else's picture service.
 */

import { html, nothing, svg, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { sentence } from "../lib/api.ts";
import type { Place } from "./place.ts";

@customElement("gr-phone")
export class PhoneElement extends LightElement {
  @property({ attribute: false }) place!: Place;
  @state() private url = "";
  @state() private path: { path: string; size: number } | null = null;
  @state() private busy = false;
  @state() private fault = "";
  @state() private copied = false;
  @state() private ended = false;
  #timer = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#timer);
  }

  /** Makes the link and shows the code. */
  async show(): Promise<void> {
    if (this.busy || this.url) return;
    this.busy = true;
    this.fault = "";
    try {
      const [{ url, seconds }, { default: qrcode }] = await Promise.all([
        this.place.handover(),
        import("qrcode-generator"),
      ]);
      const code = qrcode(0, "L"); // Screens have no creases: fewer and larger squares are read from further away.
      code.addData(url);
      code.make();
      const size = code.getModuleCount();
      let path = "";
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`;
        }
      }
      this.url = url;
      this.path = { path, size };
      this.ended = false;
      this.#timer = window.setTimeout(() => this.#end(), seconds * 1000);
    } catch (error) {
      this.fault = sentence(error);
    } finally {
      this.busy = false;
    }
  }

  #end(): void {
    this.url = "";
    this.path = null;
    this.ended = true;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.url);
      this.copied = true;
      setTimeout(() => (this.copied = false), 2500);
    } catch {
      this.querySelector<HTMLInputElement>("input")?.select();
    }
  }

  protected override render(): TemplateResult {
    if (!this.path) {
      return html`<button
        type="button"
        class="asking card"
        aria-busy=${this.busy ? "true" : "false"}
        @click=${() => void this.show()}
      >
        <span class="round">${icon("phone")}</span>
        <span class="grow"
          ><b>Continue on my phone</b
          ><small
            >${this.fault || (this.ended ? "That code has ended. Press for a new one." : "Shows a code for its camera. Your place is kept, on both.")}</small
          ></span
        >
      </button>`;
    }
    const { path, size } = this.path;
    return html`<div class="card code" role="group" aria-label="Continue on my phone">
      <svg
        class="qr"
        viewBox="-3 -3 ${size + 6} ${size + 6}"
        role="img"
        aria-label="QR code with a link for your phone"
      >
        <rect x="-3" y="-3" width=${size + 6} height=${size + 6} fill="#fff"></rect>
        ${svg`<path d=${path} fill="#1a1b1f" shape-rendering="crispEdges"></path>`}
      </svg>
      <div class="grow">
        <b>Point your phone here</b>
        <small>It opens your place once, within the next ten minutes. Show it to nobody else.</small>
        <label class="sr" for="phone-link">The link for your phone</label>
        <input id="phone-link" class="sr" readonly .value=${this.url} />
        <button type="button" class="button quiet tight" @click=${() => void this.#copy()}>
          ${icon(this.copied ? "check" : "copy")}${this.copied ? "Copied" : "Copy the link"}
        </button>
        ${this.copied ? html`<span class="sr" role="status">The link is copied.</span>` : nothing}
      </div>
    </div>`;
  }
}
