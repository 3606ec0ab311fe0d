/** `<gr-inbox-page>`: the bell as a page, which is what small screens and links open. */
import { html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import type { Inbox } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";
import { LightElement } from "../lib/element.ts";
import { alarm } from "../lib/toast.ts";
import "./inbox-list.ts";
import { bell, Watching } from "./inbox-state.ts";

@customElement("gr-inbox-page")
export class InboxPage extends LightElement {
  constructor() {
    super();
    bell.begin(pageData<Inbox>());
    new Watching(this);
  }

  private readAll(): void {
    bell.read().catch((error: unknown) => alarm(sentence(error)));
  }

  protected override render() {
    const { unread } = bell;
    return html`
      <header class="head">
        <div class="row">
          <h1>Notifications</h1>
          ${unread ? html`<span class="badge accent">${unread} new</span>` : nothing}
          <span class="grow"></span>
          ${
            unread
              ? html`<button type="button" class="button quiet" @click=${this.readAll}>Mark all read</button>`
              : nothing
          }
        </div>
      </header>
      <div class="body inboxpage"><gr-inbox-list shown level="2"></gr-inbox-list></div>
    `;
  }
}
