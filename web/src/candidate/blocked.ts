/** The helpful screens for when camera or microphone do not work: one for each trouble, with what to do about it. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { browserFamily, type DeviceTrouble, type Kind } from "../recording/devices.ts";
import { TROUBLE } from "../recording/words.ts";
import type { Way } from "./place.ts";

const HEADING: Record<DeviceTrouble, { title: string; lead: string }> = {
  insecure: {
    title: "This address keeps the camera closed",
    lead: "Browsers only open a camera on addresses that begin with https.",
  },
  unsupported: { title: "This browser cannot record", lead: "Another one on this device very likely can." },
  denied: {
    title: "Your browser keeps the camera closed",
    lead: "That is quickly mended, and we cannot do it for you.",
  },
  no_camera: { title: "We found no camera", lead: "It may only be asleep, covered or unplugged." },
  no_microphone: { title: "We found no microphone", lead: "Without sound an answer is hard to follow." },
  busy: {
    title: "Something else is using your camera",
    lead: "Most computers lend the camera to one program at a time.",
  },
  broken: { title: "The camera did not start", lead: "It happens, and a restart of the browser usually helps." },
};

const STEPS: Record<DeviceTrouble, (kind: Kind) => (string | TemplateResult)[]> = {
  insecure: () => [
    html`Look at the address of this page: it should begin with <b>https://</b>.`,
    "Open the link from your e-mail again, or ask the team for an https link.",
    "Meanwhile you can answer in writing or upload a file; both count the same.",
  ],
  unsupported: () => [
    "Open your personal link in Chrome, Edge, Firefox or Safari, in a version of the last two years.",
    "Inside another app? Choose “Open in browser” from its menu.",
  ],
  denied: () => {
    const family = browserFamily();
    if (family === "firefox") {
      return [
        html`Press the <b>crossed-out camera</b> left of the address.`,
        html`Remove <b>Blocked</b> beside Camera and Microphone.`,
        html`Press <b>Ask me again</b> below and choose <b>Allow</b>.`,
      ];
    }
    if (family === "safari") {
      return [
        html`Open <b>Safari › Settings for this website</b> (on a phone: the <b>aA</b> in the address).`,
        html`Set <b>Camera</b> and <b>Microphone</b> to <b>Allow</b>.`,
        html`Press <b>Ask me again</b> below.`,
      ];
    }
    return [
      "Press the icon left of the address.",
      html`Switch <b>Camera</b> and <b>Microphone</b> on.`,
      "Come back to this page. There is no need to reload it.",
    ];
  },
  no_camera: () => [
    "Plug it in, or slide its cover open.",
    "On a laptop, look for a camera key or switch on the side.",
    "This page notices by itself when the camera is there.",
  ],
  no_microphone: () => [
    "Plug in a headset, or connect your earphones.",
    "In the sound settings of your computer, look whether a microphone is listed.",
    "This page notices by itself when one is there.",
  ],
  busy: () => [
    "Close video calls and other tabs that show your picture.",
    "Wait a few seconds, then ask again.",
    "Still nothing? Restarting the browser frees the camera.",
  ],
  broken: () => ["Unplug the camera and plug it in again.", "Restart the browser and open your personal link again."],
};

/** A phone has no plug and no shutter: other apps, and its own settings, are what keeps a camera closed. */
const ON_A_PHONE: Partial<Record<DeviceTrouble, { lead: string; what: string; steps: string[] }>> = {
  no_camera: {
    lead: "Your phone shows this browser none.",
    what: "Other apps, or the phone’s own settings, may keep it closed.",
    steps: [
      "Close other apps that use the camera.",
      "In your phone’s settings, let this browser use the camera.",
      "Come back to this page and ask again.",
    ],
  },
  no_microphone: {
    lead: "Your phone shows this browser none.",
    what: "Other apps, or the phone’s own settings, may keep it closed.",
    steps: [
      "End calls, and close other apps that use the microphone.",
      "In your phone’s settings, let this browser use the microphone.",
      "Come back to this page and ask again.",
    ],
  },
  busy: {
    lead: "A phone lends its camera to one app at a time.",
    what: "End calls and close other apps that use camera or microphone, then ask again.",
    steps: [
      "End calls, and close other apps that use the camera.",
      "Wait a few seconds, then ask again.",
      "Still nothing? Close this browser altogether, and open your personal link again.",
    ],
  },
  broken: {
    lead: "It happens, and starting the browser anew usually helps.",
    what: "Close the browser and open it again. Your place is kept.",
    steps: [
      "Close this browser altogether, and open your personal link again.",
      "Still nothing? Restart the phone, or answer in another way: all of them count the same.",
    ],
  },
};
const PHONE = matchMedia("(pointer: coarse)").matches;

/** The camera alone is what is wrong. */
const SOUND_MAY_WORK: ReadonlySet<DeviceTrouble> = new Set(["no_camera", "busy", "broken"]);

/** The screen for one trouble. `again` asks for the devices once more, `go` leads to another way of answering. */
export function blocked(
  trouble: DeviceTrouble,
  kind: Kind,
  again: () => void,
  go: (way: Way) => void,
  phone: () => void,
): TemplateResult {
  const { title } = HEADING[trouble];
  const phones = PHONE ? ON_A_PHONE[trouble] : undefined;
  const canAsk = trouble !== "insecure" && trouble !== "unsupported";
  return html`<section class="narrow" aria-labelledby="blocked-title">
    <header>
      <p class="eyebrow">${trouble === "denied" ? "When the browser says no" : "Before the questions"}</p>
      <h1 id="blocked-title" tabindex="-1">${title}</h1>
      <p class="lead">${phones?.lead ?? HEADING[trouble].lead}</p>
    </header>
    <div class="blocked">
      <div class="nocam" role="status">
        ${icon("video-off")}${TROUBLE[trouble].title === title ? nothing : html`<b>${TROUBLE[trouble].title}</b>`}<span
          >${phones?.what ?? TROUBLE[trouble].what}</span
        >
      </div>
      <div class="setup">
        ${trouble === "denied" && browserFamily() === "chromium" ? addressBar() : nothing}
        <ol class="howto">
          ${(phones?.steps ?? STEPS[trouble](kind)).map((step) => html`<li><span>${step}</span></li>`)}
        </ol>
        ${
          canAsk
            ? html`<button type="button" class="button primary tall block" data-main @click=${again}>
                Ask me again
              </button>`
            : nothing
        }
        <div class="row wrap">
          <button type="button" class="button grow only-wide" @click=${phone}>${icon("phone")}Use my phone</button>
          ${
            SOUND_MAY_WORK.has(trouble)
              ? html`<button type="button" class="button grow" @click=${() => go("audio")}>
                  ${icon("wave")}Sound only
                </button>`
              : nothing
          }
          <button type="button" class="button grow" @click=${() => go("text")}>${icon("write")}Write instead</button>
          <button type="button" class="button grow" @click=${() => go("file")}>${icon("clip")}Upload a file</button>
        </div>
      </div>
    </div>
  </section>`;
}

function addressBar(): TemplateResult {
  return html`<div
    class="browser"
    role="img"
    aria-label="Picture of the address bar: press the icon left of the address, then switch Camera and Microphone on"
  >
    <div class="address"><span class="here">${icon("gear")}</span>${location.host}</div>
    <ul>
      <li>${icon("video")}Camera<span class="switch on"></span></li>
      <li>${icon("mic")}Microphone<span class="switch"></span></li>
    </ul>
  </div>`;
}
