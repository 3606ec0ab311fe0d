/**
 * `<gr-phone>`: "continue on my phone". Asks the server for a fresh personal link, only when somebody wants one, and
 * draws it as a QR code; the link can be copied as well.
 *
 * The code is drawn in the browser: a personal link must not travel through anybody else's picture service.
 */

import { LitElement, html, nothing, svg, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { sentence } from "../lib/api.ts";
import type { Place } from "./place.ts";

export class PhoneElement extends LitElement {
  static override properties = {
    place: { attribute: false },
    _url: { state: true },
    _path: { state: true },
    _busy: { state: true },
    _fault: { state: true },
    _copied: { state: true },
  };
  declare place: Place;
  declare _url: string;
  declare _path: { path: string; size: number } | null;
  declare _busy: boolean;
  declare _fault: string;
  declare _copied: boolean;

  constructor() {
    super();
    this._url = this._fault = "";
    this._path = null;
    this._busy = this._copied = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Makes the link and shows the code. */
  async show(): Promise<void> {
    if (this._busy || this._url) return;
    this._busy = true;
    this._fault = "";
    try {
      const [url, { default: qrcode }] = await Promise.all([this.place.link(), import("qrcode-generator")]);
      const code = qrcode(0, "M");
      code.addData(url);
      code.make();
      const size = code.getModuleCount();
      let path = "";
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`;
        }
      }
      this._url = url;
      this._path = { path, size };
    } catch (error) {
      this._fault = sentence(error);
    } finally {
      this._busy = false;
    }
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this._url);
      this._copied = true;
      setTimeout(() => (this._copied = false), 2500);
    } catch {
      this.querySelector<HTMLInputElement>("input")?.select();
    }
  }

  protected override render(): TemplateResult {
    if (!this._path) {
      return html`<button
        type="button"
        class="asking card"
        aria-busy=${this._busy ? "true" : "false"}
        @click=${() => void this.show()}
      >
        <span class="round">${icon("phone")}</span>
        <span class="grow"
          ><b>Continue on my phone</b
          ><small>${this._fault || "Shows a code for its camera. Your place is kept, on both."}</small></span
        >
      </button>`;
    }
    const { path, size } = this._path;
    return html`<div class="card code" role="group" aria-label="Continue on my phone">
      <svg class="qr" viewBox="-3 -3 ${size + 6} ${size + 6}" role="img" aria-label="QR code with your personal link">
        <rect x="-3" y="-3" width=${size + 6} height=${size + 6} fill="#fff"></rect>
        ${svg`<path d=${path} fill="#1a1b1f" shape-rendering="crispEdges"></path>`}
      </svg>
      <div class="grow">
        <b>Point your phone here</b>
        <small>The code is your personal link. Show it to nobody else.</small>
        <label class="sr" for="phone-link">Your personal link</label>
        <input id="phone-link" class="sr" readonly .value=${this._url} />
        <button type="button" class="button quiet tight" @click=${() => void this.#copy()}>
          ${icon(this._copied ? "check" : "copy")}${this._copied ? "Copied" : "Copy the link"}
        </button>
        ${this._copied ? html`<span class="sr" role="status">The link is copied.</span>` : nothing}
      </div>
    </div>`;
  }
}

customElements.define("gr-phone", PhoneElement);
