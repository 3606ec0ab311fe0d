/**
 * `<gr-bell>`: the unread count, and a panel of what happened. News arrive on the member's own topic, in every tab;
 * opening the panel reads them, which the other tabs hear.
 */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { AnyPayload, Inbox, Notification } from "../live/protocol.gen.ts";
import { applyToInbox } from "../live/store.ts";
import { send, sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { icon, iconElement } from "../lib/icons.ts";
import { follow } from "../lib/live.ts";
import { api, me } from "../lib/me.ts";
import { placeAt } from "../lib/popover.ts";
import { age, ago } from "../lib/time.ts";
import { Ticking } from "../lib/ticking.ts";
import { alarm, toast } from "../lib/toast.ts";

const ICONS: Readonly<Record<string, string>> = {
  submitted: "play",
  message: "chat",
  note: "lock",
  applied: "user",
  moved: "move",
};

@customElement("gr-bell")
export class Bell extends LightElement {
  /** A small button for a heading bar instead of a line of the navigation. */
  @property({ type: Boolean }) compact = false;
  @state() private unread = me.unread;
  @state() private inbox: Inbox | null = null;
  @state() private open = false;
  private leave: (() => void) | null = null;
  private readonly pageTitle = document.title;

  constructor() {
    super();
    new Ticking(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("gr-inbox", this.told);
    this.leave = follow(`member:${me.id}`, {
      onEvent: (payload) => this.apply(payload),
      onResync: () => this.load(),
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
    document.removeEventListener("gr-inbox", this.told);
  }

  private told = (event: Event): void => {
    this.inbox = (event as CustomEvent<Inbox>).detail;
    this.unread = this.inbox.unread;
  };

  private apply(payload: AnyPayload): void {
    // The lines keep their "new" mark while the panel is open, although opening it has read them.
    if (this.inbox && !(this.open && payload.type === "inbox_read")) this.inbox = applyToInbox(this.inbox, payload);
    if (payload.type === "inbox_read") this.unread = payload.unread;
    if (payload.type === "notified") this.announce(payload.notification, payload.unread);
  }

  private announce(notification: Notification, unread: number): void {
    this.unread = unread;
    const here = new URL(notification.url, location.href).pathname === location.pathname;
    toast(notification.text, {
      before: iconElement(ICONS[notification.kind] ?? "bell"),
      name: `notification-${notification.id}`,
      ...(here ? {} : { action: { label: "Open", url: notification.url } }),
    });
    if (this.open) void this.markRead();
    else if (here && document.visibilityState === "visible") void this.markRead({ url: notification.url });
  }

  private async load(): Promise<Inbox | null> {
    try {
      this.inbox = await send<Inbox>("GET", api("inbox"));
      this.unread = this.inbox.unread;
      return this.inbox;
    } catch (error) {
      if (this.open) alarm(sentence(error));
      return null;
    }
  }

  /** Reads everything, or the lines that lead to one page. */
  private async markRead(which: { url?: string } = {}): Promise<void> {
    if (this.unread === 0) return;
    try {
      const inbox = await send<Inbox>("POST", api("inbox/reading"), which);
      this.unread = inbox.unread;
    } catch {
      // Still unread then; opening the panel again tries again.
    }
  }

  /** The lines keep their "new" mark while the panel is open; they lose it when it is opened next. */
  private async toggled(event: ToggleEvent): Promise<void> {
    this.open = event.newState === "open";
    if (!this.open) return;
    const panel = event.currentTarget as HTMLElement;
    const anchor = this.find("button")!;
    const place = () => {
      if (matchMedia("(max-width: 760px)").matches) placeAt(panel, anchor, this.compact ? "below" : "above");
      else placeAt(panel, anchor, this.compact ? "below" : "right", "end");
    };
    place();
    await this.load();
    await this.updateComplete;
    place();
    await this.markRead();
  }

  protected override updated(): void {
    document.title = this.unread ? `(${this.unread}) ${this.pageTitle}` : this.pageTitle;
  }

  protected override render() {
    const count = this.unread
      ? html`<span class="count">${Math.min(this.unread, 99)}<span class="sr"> unread</span></span>`
      : nothing;
    return html`
      <button
        type="button"
        class=${this.compact ? "button quiet icon bell" : ""}
        popovertarget="inbox"
        aria-expanded=${this.open}
      >
        ${icon("bell")}<span class=${this.compact ? "sr" : "grow cut"}>Notifications</span>${count}
      </button>
      <section id="inbox" class="inbox" popover aria-label="Notifications" @toggle=${this.toggled}>
        <header><h2 class="grow">Notifications</h2></header>
        ${this.list()}
      </section>
    `;
  }

  private list() {
    if (!this.inbox) return html`<ol aria-busy="true"></ol>`;
    if (!this.inbox.notifications.length) {
      return html`<div class="empty">
        ${icon("bell")}<strong>All quiet</strong
        ><span>When a candidate sends answers or writes, you read it here.</span>
      </div>`;
    }
    return html`<ol tabindex="0" aria-label="Newest first">
      ${repeat(
        this.inbox.notifications,
        (notification) => notification.id,
        (notification) => this.line(notification),
      )}
    </ol>`;
  }

  private line(notification: Notification) {
    return html`<li class=${notification.read ? "" : "fresh"}>
      <a href=${notification.url}>
        <span class="kind">${icon(ICONS[notification.kind] ?? "bell")}</span>
        <span class="grow">
          <span>${notification.text}</span>
          <time datetime=${notification.at} aria-label=${ago(notification.at)}>${age(notification.at)}</time>
        </span>
        ${notification.read ? nothing : html`<span class="unread"><span class="sr">new</span></span>`}
      </a>
    </li>`;
  }
}
