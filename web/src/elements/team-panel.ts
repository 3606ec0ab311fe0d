/**
 * The panel in which owner and reviewers of a candidate are chosen. Every choice is sent at once and says one thing about
 * one colleague, so that two who choose at the same time both get what they meant.
 */
import { html, nothing, render } from "lit";
import type { Card, MemberRow } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { api, may, me, shortName } from "../lib/me.ts";
import { lane, change } from "../lib/outbox.ts";
import { placeAt } from "../lib/popover.ts";
import { alarm } from "../lib/toast.ts";
import type { Following } from "./team-picker.ts";

type Part = "owner" | "reviewer" | "";

const SEARCHED = 8; // colleagues from which on they can be looked for

export class TeamPanel {
  private readonly panel = document.createElement("div");
  private words = "";

  constructor(
    private readonly anchor: HTMLElement,
    private card: Card,
    private readonly members: readonly MemberRow[],
    private readonly changed: (card: Card) => void,
    private following: Following | null,
  ) {}

  open(): void {
    const { panel, anchor } = this;
    const back = document.activeElement instanceof HTMLElement ? document.activeElement : anchor;
    panel.className = "menu teampanel";
    panel.popover = "auto";
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", `Who looks after ${shortName(this.card.name)}`);
    (anchor.closest("[popover], main, nav, dialog") ?? document.body).append(panel);
    panel.addEventListener("keydown", (event) => this.keys(event));
    panel.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState !== "closed") return;
      const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
      panel.remove();
      anchor.setAttribute("aria-expanded", "false");
      if (inside && back.isConnected) back.focus({ preventScroll: true });
    });
    this.draw();
    panel.showPopover();
    anchor.setAttribute("aria-expanded", "true");
    placeAt(panel, anchor);
    panel.querySelector<HTMLElement>("input, button")?.focus();
  }

  private keys(event: KeyboardEvent): void {
    event.stopPropagation(); // the page's own letters mean nothing in here
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const stops = [...this.panel.querySelectorAll<HTMLElement>("input, [data-part=owner]")];
    const row = (document.activeElement as HTMLElement).closest("li, label");
    const at = stops.findIndex((stop) => row?.contains(stop));
    stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length]?.focus();
  }

  private partOf(member: string): Part {
    if (this.card.owner === member) return "owner";
    return this.card.reviewers.includes(member) ? "reviewer" : "";
  }

  private async choose(member: string, part: Part): Promise<void> {
    const wanted = this.partOf(member) === part ? "" : part;
    try {
      const card = await change<Card>({
        lane: lane(this.card.id),
        method: "POST",
        path: api(`applications/${this.card.id}/assignments`),
        body: { member, part: wanted },
        words: `Who looks after **${shortName(this.card.name)}** was not changed.`,
      });
      if (!card) return;
      this.card = card;
      this.changed(card);
      this.draw();
    } catch (error) {
      alarm(sentence(error));
    }
  }

  private async follow(on: boolean): Promise<void> {
    const { following, card } = this;
    if (!following) return;
    try {
      await change({
        lane: lane(card.id),
        method: "PUT",
        path: api(`applications/${card.id}/following`),
        body: { following: on },
        words: `What you hear of **${shortName(card.name)}** was not changed.`,
      });
      this.following = { ...following, on };
      following.heard(on);
    } catch (error) {
      alarm(sentence(error));
    }
    this.draw();
  }

  private draw(): void {
    const wanted = this.words.trim().toLowerCase();
    const mine = (member: MemberRow) => Number(member.id !== me.id);
    const found = this.members
      .filter((member) => member.name.toLowerCase().includes(wanted))
      .sort((one, other) => mine(one) - mine(other));
    const search = html`<label class="field">
      ${icon("find")}<input
        type="search"
        aria-label="Find a colleague"
        autocomplete="off"
        @input=${(event: Event) => {
          this.words = (event.target as HTMLInputElement).value;
          this.draw();
        }}
      />
    </label>`;
    render(
      html`<h3>Who looks after <bdi>${shortName(this.card.name)}</bdi></h3>
        ${this.members.length >= SEARCHED ? search : nothing}
        <ul>
          ${found.map((member) => this.row(member))}
        </ul>
        ${found.length ? nothing : html`<p class="muted" role="status">Nobody is called that.</p>`}
        ${
          this.following
            ? html`<hr />
                <label class="tick"
                  ><input
                    type="checkbox"
                    .checked=${this.following.on}
                    @change=${(event: Event) => void this.follow((event.target as HTMLInputElement).checked)}
                  /><span>Follow: tell me of notes here</span></label
                >`
            : nothing
        }`,
      this.panel,
    );
  }

  private row(member: MemberRow) {
    const part = this.partOf(member.id);
    const button = (its: "owner" | "reviewer", label: string) =>
      html`<button
        type="button"
        data-part=${its}
        aria-pressed=${part === its}
        aria-label="${member.name}: ${label}"
        @click=${() => void this.choose(member.id, its)}
      >
        ${label}
      </button>`;
    return html`<li>
      ${avatar(member.id, member.colour, "small")}<span class="grow cut"
        ><bdi>${member.id === me.id ? "Me" : member.name}</bdi></span
      >
      ${
        may.move
          ? html`<span class="tabs">${button("owner", "Owner")}${button("reviewer", "Reviewer")}</span>`
          : html`<span class="muted">${{ owner: "Owner", reviewer: "Reviewer", "": "" }[part]}</span>`
      }
    </li>`;
  }
}
