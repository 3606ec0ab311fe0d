/** What is still planned with those who are declined: named where that is asked, and called off with them by one tick. */
import { html, nothing, type TemplateResult } from "lit";
import type { Card, MeetingView } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "./api.ts";
import { dayName, fromTo, when, withWhom } from "./meetings.ts";
import { api, firstName, me, shortName } from "./me.ts";
import { many } from "./time.ts";
import { alarm, toast } from "./toast.ts";

const TOGETHER = 100; // cards of one request
const PATIENCE_MS = 1500; // who declines waits no longer for what they may not even need
const NAMED = 4;

export class CallingOff {
  /** Whether the box is ticked, where there is one. */
  private ticked = true;

  /** `meetings`: null when they could not be looked up. */
  private constructor(
    private readonly cards: readonly Card[],
    private readonly meetings: readonly MeetingView[] | null,
  ) {}

  /** Looks up what is planned with these candidates of a job and has not begun. */
  static async of(cards: readonly Card[]): Promise<CallingOff> {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
    return new CallingOff(cards, await Promise.race([planned(cards).catch(() => null), late]));
  }

  /** What was decided: that they do not take place. */
  get decided(): boolean {
    return this.ticked && this.meetings?.length !== 0;
  }

  /** How many meetings that is, as far as they could be looked up. */
  get known(): number {
    return this.ticked ? (this.meetings?.length ?? 0) : 0;
  }

  /** The tick with what it is about; nothing when nothing is planned. */
  draw(): TemplateResult | typeof nothing {
    const { meetings } = this;
    if (meetings?.length === 0) return nothing;
    const label = meetings ? `Call off ${meetings.length > 1 ? many(meetings.length, "meeting") : "the meeting"}` : "";
    const tick = (event: Event) => (this.ticked = (event.target as HTMLInputElement).checked);
    return html`<div class="callingoff">
      <label class="tick"
        ><input
          type="checkbox"
          checked
          aria-describedby="calling-off"
          @change=${tick}
        />${label || "Call off what is planned with them"}</label
      >
      <div id="calling-off">
        ${meetings ? this.list(meetings) : html`<p>It could not be looked up just now whether something is.</p>`}
        <p class="help">${this.told()} What is called off stays so, also when the decline is taken back.</p>
      </div>
    </div>`;
  }

  private list(meetings: readonly MeetingView[]) {
    const more = meetings.length - NAMED;
    return html`<ul>
      ${meetings.slice(0, NAMED).map((meeting) => this.line(meeting))}
      ${more > 0 ? html`<li class="muted">And ${more} more</li>` : nothing}
    </ul>`;
  }

  private line(meeting: MeetingView) {
    const { title, candidate, members, starts_at } = meeting;
    const who = withWhom(members, me.id).replace("With", "with");
    const whose =
      this.cards.length > 1
        ? html`<b><bdi>${shortName(candidate.name)}</bdi></b
            >, `
        : nothing;
    return html`<li>
      <span class="cut" title=${title}>${whose}<bdi>${title}</bdi></span>
      <span class="muted">${dayName(starts_at, Date.now())}, ${fromTo(meeting)}${who ? `, ${who}` : ""}</span>
    </li>`;
  }

  private told(): string {
    const who = this.cards.length === 1 ? `${firstName(this.cards[0]!.name)} is` : "They are";
    return `${who} told at once, in the conversation and by e-mail.`;
  }
}

/** Says what is planned with those who are declined again and nobody was asked about; one click calls it off. */
export async function remind(cards: readonly Card[]): Promise<void> {
  const left = (await planned(cards).catch(() => [])).filter(({ declined }) => declined);
  const [first, another] = left;
  if (!first) return;
  const words = another
    ? `${many(left.length, "meeting")} with candidates who are declined are still planned`
    : `**${shortName(first.candidate.name)}** is declined, but still expected: ${when(first, Date.now())}`;
  const action = { label: "Call off", run: () => void callOff(left, cards) };
  toast(words, { name: "still-planned", stays: 20_000, action });
}

/** One that is refused, as a colleague has changed it meanwhile, keeps no other from being called off. */
async function callOff(meetings: readonly MeetingView[], cards: readonly Card[]): Promise<void> {
  let off = 0;
  let refused: unknown = null;
  for (const { id, version } of meetings) {
    try {
      await send("DELETE", api(`meetings/${id}?version=${version}`));
      off++;
    } catch (error) {
      refused = error;
      if (error instanceof Failure && error.passing) break;
    }
  }
  if (off) toast(`Called off: ${many(off, "meeting")}. Whom it concerns is told.`, { name: "called-off" });
  if (refused === null) return;
  alarm(`Not called off: ${many(meetings.length - off, "meeting")}. ${sentence(refused)}`, { name: "not-called-off" });
  await remind(cards);
}

async function planned(cards: readonly Card[]): Promise<MeetingView[]> {
  const parts = Array.from({ length: Math.ceil(cards.length / TOGETHER) }, (_, at) =>
    cards.slice(at * TOGETHER, (at + 1) * TOGETHER),
  );
  const found = await Promise.all(
    parts.map((part) => {
      const query = new URLSearchParams(part.map(({ id }) => ["cards", id]));
      return send<MeetingView[]>("GET", `${api(`jobs/${part[0]!.job}/meetings`)}?${query}`);
    }),
  );
  return found.flat().sort((one, other) => one.starts_at.localeCompare(other.starts_at));
}
