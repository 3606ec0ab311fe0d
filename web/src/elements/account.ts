/** `<gr-account>`: who I am, my other workspaces, the theme, and signing out. */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { WorkspaceRow } from "../live/protocol.gen.ts";
import { send } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { api, firstName, may, me, path } from "../lib/me.ts";
import { placeAt } from "../lib/popover.ts";
import { signOut } from "../lib/sign-out.ts";
import { chooseTheme, chosenTheme, type Theme } from "../lib/theme.ts";

const THEMES: readonly { theme: Theme; label: string; icon: string }[] = [
  { theme: "light", label: "Light", icon: "sun" },
  { theme: "dark", label: "Dark", icon: "moon" },
  { theme: "system", label: "Auto", icon: "laptop" },
];

@customElement("gr-account")
export class Account extends LightElement {
  @state() private theme = chosenTheme();
  @state() private open = false;
  @state() private workspaces: readonly WorkspaceRow[] = [];

  private choose(theme: Theme): void {
    chooseTheme(theme);
    this.theme = theme;
  }

  private toggled(event: ToggleEvent): void {
    this.open = event.newState === "open";
    const panel = event.currentTarget as HTMLElement;
    if (!this.open) return;
    const place = () => placeAt(panel, this.find("button")!, "above");
    place();
    void this.loadWorkspaces().then(place);
  }

  private async loadWorkspaces(): Promise<void> {
    try {
      this.workspaces = await send<WorkspaceRow[]>("GET", api("workspaces"));
    } catch {
      // Opening the menu again asks again; everything else in it works without.
    }
    await this.updateComplete;
  }

  /** Nothing for those who have only one. */
  private others() {
    if (this.workspaces.length < 2) return nothing;
    return html`<nav aria-label="Workspaces">
      <h3>Workspaces</h3>
      ${this.workspaces.map(
        (one) =>
          html`<a href="/w/${one.slug}/home" aria-current=${one.current ? "true" : nothing}>
            <span class="grow cut">${one.name}</span>${one.current ? icon("check") : nothing}
          </a>`,
      )}
      <hr />
    </nav>`;
  }

  protected override render() {
    const words = document.body.dataset;
    return html`
      <button type="button" popovertarget="account" aria-expanded=${this.open}>
        ${avatar(me.id, me.colour, "small")}<span class="grow cut"
          >${firstName(me.name)}<span class="sr">, your account</span></span
        >
      </button>
      <div id="account" class="menu account" popover @toggle=${this.toggled}>
        <div class="row">
          ${avatar(me.id, me.colour)}
          <span class="grow">
            <b class="cut">${me.name}</b>
            <span class="muted cut">${words["email"]}</span>
            <span class="muted cut">${words["workspaceName"]} · ${me.role}</span>
          </span>
        </div>
        ${this.others()}
        <nav class="seldom" aria-label="More">
          <button type="button" data-jump popovertarget="account" popovertargetaction="hide">
            ${icon("find")}Search or jump
          </button>
          <a href=${path("people")}>${icon("people")}People</a>
          ${may.write ? html`<a href=${path("templates")}>${icon("text")}Templates</a>` : nothing}
          ${may.manage ? html`<a href=${path("monitor")}>${icon("pulse")}Monitor</a>` : nothing}
        </nav>
        <div class="tabs segment" role="group" aria-label="Theme">
          ${THEMES.map(
            (choice) =>
              html`<button
                type="button"
                aria-pressed=${this.theme === choice.theme}
                @click=${() => this.choose(choice.theme)}
              >
                ${icon(choice.icon)}${choice.label}
              </button>`,
          )}
        </div>
        <button type="button" @click=${signOut}>${icon("leave")}Sign out</button>
      </div>
    `;
  }
}
