/**
 * `<gr-bell>`: the unread count, and the panel beside the page with what happened. Small screens have a page of its own
 * instead. What arrives is shown as a toast where somebody looks, and by the browser where nobody does.
 */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Notification } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { path } from "../lib/me.ts";
import { alarm } from "../lib/toast.ts";
import { badge } from "./inbox-badge.ts";
import "./inbox-hearing.ts";
import type { InboxList } from "./inbox-list.ts";
import { bell, Watching } from "./inbox-state.ts";

const FOCUSABLE = "a[href], button:not(:disabled)";

/** Once the page has come to rest: nobody needs before what tells on the desktop. */
const rest = new Promise<void>((rested) => {
  if ("requestIdleCallback" in window) requestIdleCallback(() => rested(), { timeout: 3000 });
  else setTimeout(rested, 1000);
});

/** What tells on the desktop, where the browser was allowed to. */
async function desktop(): Promise<typeof import("./inbox-desktop.ts").desktop | null> {
  await rest;
  if (!("Notification" in window) || Notification.permission !== "granted") return null;
  try {
    return (await import("./inbox-desktop.ts")).desktop;
  } catch {
    return null; // the page is being left, or the server is away: it tells here alone
  }
}
void desktop();

/** With the first notice: most pages are left before one comes. */
const toasts = (): Promise<typeof import("./inbox-toasts.ts")> => import("./inbox-toasts.ts");

@customElement("gr-bell")
export class BellElement extends LightElement {
  /** A small button for a heading bar instead of a line of the navigation. */
  @property({ type: Boolean }) compact = false;
  @state() private open = false;
  private readonly narrow = matchMedia("(max-width: 760px)");
  private leave: (() => void) | null = null;
  private unseen = "";
  private filled = false;

  constructor() {
    super();
    new Watching(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.leave = bell.onNews((line) => this.arrived(line));
    this.narrow.addEventListener("change", this.turned);
    document.addEventListener("visibilitychange", this.seen);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
    this.narrow.removeEventListener("change", this.turned);
    document.removeEventListener("visibilitychange", this.seen);
  }

  private turned = (): void => {
    this.panel?.hidePopover();
    this.requestUpdate();
  };

  private get panel(): HTMLElement | null {
    return this.find(".inbox");
  }

  private get list(): InboxList | null {
    return this.find<InboxList>("gr-inbox-list");
  }

  private arrived(line: Notification): void {
    void desktop().then((telling) => telling?.tell(line));
    if (new URL(line.url, location.href).pathname === location.pathname) this.unseen = line.url;
    if (document.visibilityState !== "visible") return;
    this.seen();
    if (line.quiet || this.open) return;
    toasts().then(
      ({ announce, isHere }) => isHere(line) || announce(line, () => this.show()),
      () => undefined, // it is counted
    );
  }

  /** What this very page shows is read once somebody looks at it. */
  private seen = (): void => {
    void desktop(); // it may be allowed since
    if (!this.unseen || document.visibilityState !== "visible") return;
    bell.read({ url: this.unseen }).catch(() => undefined);
    this.unseen = "";
  };

  /** Opens the panel, or goes to the page where there is no room for one. */
  private show(): void {
    if (this.narrow.matches) location.assign(path("inbox"));
    else this.panel?.showPopover();
  }

  private toggled(event: ToggleEvent): void {
    this.open = event.newState === "open";
    this.closest(".app")?.classList.toggle("beside", this.open);
    if (!this.open) {
      if (this.filled && this.list) this.list.shown = false;
      return;
    }
    toasts().then(
      ({ dismiss }) => dismiss(),
      () => undefined,
    );
    this.panel?.focus();
    void this.fill();
  }

  /** The lines are fetched with what draws them: most pages never open the bell. */
  private async fill(): Promise<void> {
    await import("./inbox-list.ts");
    this.filled = true;
    const list = this.list;
    if (!list || !this.open) return;
    list.shown = true;
    void list.updateComplete
      .then(() =>
        bell.open("all").then(
          () => list.updateComplete,
          () => undefined,
        ),
      )
      .then(() => {
        if (this.open && document.activeElement === this.panel) list.focusFirst();
      });
  }

  /** Tab stays within the panel as long as it is open. */
  private keydown(event: KeyboardEvent): void {
    if (event.key !== "Tab" || (event.target as Element).closest(".menu")) return;
    const stops = [...this.panel!.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
      (element) => element.tabIndex >= 0 && element.checkVisibility(),
    );
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    const inside = stops.includes(document.activeElement as HTMLElement);
    if (inside && document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }

  private close(): void {
    this.panel?.hidePopover();
    this.find<HTMLElement>(":scope > button")?.focus();
  }

  private readAll(): void {
    bell.read().catch((error: unknown) => alarm(sentence(error)));
    this.panel?.focus();
  }

  protected override updated(): void {
    badge(bell.unread);
  }

  protected override render() {
    const { unread } = bell;
    const count = unread
      ? html`<span class="count">${unread > 99 ? "99+" : unread}<span class="sr"> unread</span></span>`
      : nothing;
    const name = this.narrow.matches && !this.compact ? "Inbox" : "Notifications"; // a fifth of a phone's width
    const inside = html`${icon("bell")}<span class=${this.compact ? "sr" : "grow cut"}>${name}</span>${count}`;
    const look = this.compact ? "button quiet icon bell" : "line";
    const current = location.pathname === path("inbox");
    if (this.narrow.matches || current) {
      return html`<a class=${look} href=${path("inbox")} aria-current=${current ? "page" : nothing}>${inside}</a>`;
    }
    return html`
      <button type="button" class=${look} popovertarget="inbox" aria-haspopup="dialog" aria-expanded=${this.open}>
        ${inside}
      </button>
      <section
        id="inbox"
        class="inbox"
        popover
        role="dialog"
        tabindex="-1"
        aria-label="Notifications"
        @toggle=${this.toggled}
        @keydown=${this.keydown}
        @gr-close=${this.close}
      >
        <header>
          <h2>Notifications</h2>
          ${unread ? html`<span class="badge accent">${unread} new</span>` : nothing}
          <span class="grow"></span>
          ${
            unread
              ? html`<button type="button" class="button quiet" @click=${this.readAll}>Mark all read</button>`
              : nothing
          }
          <button type="button" class="button quiet icon" aria-label="Close notifications" @click=${this.close}>
            ${icon("close")}
          </button>
        </header>
        <gr-inbox-list></gr-inbox-list>
      </section>
    `;
  }
}
