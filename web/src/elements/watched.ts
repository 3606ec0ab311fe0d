/** `<gr-watched>`: that there is a live monitor, and who opened it last. Every member can read it. */
import { html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { pageData } from "../lib/data.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { me, path, shortName } from "../lib/me.ts";
import { day, timeOfDay } from "../lib/time.ts";
import type { LastWatch } from "../live/protocol.gen.ts";

@customElement("gr-watched")
export class Watched extends LightElement {
  private last = pageData<LastWatch>("watched");

  protected override render() {
    const { by, at, now } = this.last;
    const who = by && (by.id === me.id ? "you" : shortName(by.name));
    const when = at ? `${day(at).toLowerCase()} ${timeOfDay(at)}` : "";
    return html`<p class="muted">
      ${icon("eye")}<span
        >Owners and admins can see who is connected.
        ${by && at ? html`Last opened by <bdi>${who}</bdi>, ${when}${now ? ", and open now" : nothing}.` : "Nobody has opened the live monitor yet."}
        <a href=${path("monitoring")}>What they see</a></span
      >
    </p>`;
  }
}
