/** The lines that say where a recording is, and how far it has got. Pure templates. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { properties } from "../lib/style.ts";
import type { Place } from "../recording/copy.ts";
import { SAFETY_WORDS } from "../recording/words.ts";
import type { Sending } from "./unsent.ts";

/** Where a copy is: on the device it is found again, in the page it is lost with it. */
export function where(place: Place): TemplateResult | typeof nothing {
  if (place === "device") return html`<span class="yes">${icon("check")}Saved on this device</span>`;
  if (place === "page") return html`<span class="wait">${icon("alert")}Kept in this page only: leave it open</span>`;
  return nothing;
}

/** How far it is; read out once, for a number that changes many times a second silences everything else. */
export function sent(part: number): TemplateResult {
  const percent = Math.round(part * 100);
  return html`<span class="sr">Sending</span
    ><span aria-hidden="true"
      >${icon("cloud")}Sent ${percent} %<i class="bar-line" ${properties({ "--sent": `${percent}%` })}></i
    ></span>`;
}

/** A copy from before, on its way; `of` says of what, where that is not plain. */
export function onItsWay({ part, trouble }: Sending, of = ""): TemplateResult {
  return html`<p class="safety" role="status">
    ${of ? html`<span>${of}</span>` : nothing} ${where("device")}
    ${part < 0 ? html`<span class="wait">${icon("offline")}${trouble || SAFETY_WORDS.waiting}</span>` : sent(part)}
  </p>`;
}

/** A copy from before, and a server that does not know yet whether it needs it; `of` as above. */
export function compared(of: string): TemplateResult {
  return html`<p class="safety" role="status">
    <span>${of}</span> ${where("device")} <span>${icon("cloud")}We check how much of it has reached us</span>
  </p>`;
}

/** All that there was is with us. */
export function arrived(): TemplateResult {
  return html`<p class="safety" role="status">
    <span class="yes">${icon("safe")}Safe: you may close this page</span>
  </p>`;
}
