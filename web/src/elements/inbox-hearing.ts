/**
 * `<gr-hearing>`: what I want to hear of a job, as a button for the heading of its board; and the menu that the bell
 * opens for the same question.
 */
import { html } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { JobHearing, JobRow } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { icon, iconElement } from "../lib/icons.ts";
import { api, shortName } from "../lib/me.ts";
import { openMenu, type Choice } from "../lib/menu.ts";
import { Ticking } from "../lib/ticking.ts";
import { alarm, toast } from "../lib/toast.ts";
import { bell, Watching } from "./inbox-state.ts";
import { isMuted, muteChoices, mutedWords } from "./inbox-muting.ts";

interface Job {
  id: string;
  title: string;
}

/** Asks for how long a job shall be silent. */
export function hearingMenu(anchor: HTMLElement, job: Job): Promise<void> {
  const hearing = bell.hearingOf(job.id);
  const muted = isMuted(hearing);
  const loud = hearing?.applications ?? false;
  const choices: Choice[] = muteChoices().map(({ label, until }) => ({
    label,
    icon: "clock",
    run: () => void hear(job, { muted: true, until }),
  }));
  if (muted) choices.unshift({ label: "Unmute", icon: "bell", run: () => void hear(job, { muted: false }) });
  choices.push({
    label: loud ? "No toasts for new applications" : "Toasts for new applications too",
    icon: "user",
    apart: true,
    run: () => void hear(job, { muted, until: hearing?.until ?? null, applications: !loud }),
  });
  return openMenu(anchor, muted ? `${shortName(job.title)} is ${mutedWords(hearing)}` : "Mute this job", choices);
}

/** Asks which of the open jobs, then for how long. */
export async function chooseJob(anchor: HTMLElement): Promise<void> {
  let jobs: JobRow[];
  try {
    jobs = (await send<JobRow[]>("GET", api("jobs"))).filter((job) => job.state === "open");
  } catch (error) {
    alarm(sentence(error));
    return;
  }
  if (!jobs.length) {
    toast("There is no open job to mute.");
    return;
  }
  let chosen: JobRow | null = null;
  const choices = jobs.map((job) => ({ label: job.title, colour: job.colour, run: () => void (chosen = job) }));
  await openMenu(anchor, "Mute a job", choices);
  if (chosen) await hearingMenu(anchor, chosen);
}

async function hear(
  job: Job,
  wanted: { muted: boolean; until?: string | null; applications?: boolean },
): Promise<void> {
  const before = bell.hearingOf(job.id);
  const was = { muted: isMuted(before), until: before?.until ?? null, applications: before?.applications ?? false };
  try {
    const now = await bell.hear(job.id, wanted);
    toast([{ text: shortName(job.title), strong: true }, { text: words(now, was.applications) }], {
      before: iconElement(isMuted(now) ? "mute" : "bell"),
      name: `hearing-${job.id}`,
      action: { label: "Undo", run: () => void bell.hear(job.id, was).catch((error) => alarm(sentence(error))) },
    });
  } catch (error) {
    alarm(sentence(error));
  }
}

function words(now: JobHearing, loud: boolean): string {
  if (now.applications !== loud)
    return now.applications ? " shows new applications as toasts" : " keeps new applications quiet";
  return isMuted(now) ? ` is ${mutedWords(now)}` : " is heard again";
}

@customElement("gr-hearing")
export class Hearing extends LightElement {
  @property({ attribute: false }) job: Job = { id: "", title: "" };

  constructor() {
    super();
    new Watching(this);
    new Ticking(this);
  }

  protected override render() {
    const hearing = bell.hearingOf(this.job.id);
    const muted = isMuted(hearing);
    const said = muted ? mutedWords(hearing) : "";
    return html`<button
      type="button"
      class="button hearing ${muted ? "muted" : "icon"}"
      aria-haspopup="menu"
      aria-expanded="false"
      aria-label=${muted ? `Notifications of this job: ${said}` : "Notifications of this job"}
      title=${muted ? "What you hear of this job" : "Mute this job"}
      @click=${(event: Event) => void hearingMenu(event.currentTarget as HTMLElement, this.job)}
    >
      ${icon(muted ? "mute" : "bell")}${muted ? html`<span>${said.replace("muted", "Muted")}</span>` : ""}
    </button>`;
  }
}
