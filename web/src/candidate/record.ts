/**
 * `<gr-record>`: the page on which the questions are answered, one after the other.
 *
 * It chooses the question (the one asked for in the address, else the one to resume at) and the way of answering, lends
 * the studio its desk, and moves on when an answer is kept. What a question looks like in each phase is in heading.ts,
 * booth.ts and controls.ts.
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { createRef, ref } from "lit/directives/ref.js";
import { sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import type { OwnAnswer, TakeView } from "../live/protocol.gen.ts";
import { isLive } from "../recording/machine.ts";
import type { Desk } from "../recording/desk.ts";
import { Studio } from "../recording/studio.ts";
import { VOICE_ONLY } from "../recording/words.ts";
import { blocked } from "./blocked.ts";
import { booth } from "./booth.ts";
import { controls } from "./controls.ts";
import { DoubleTap } from "./double-tap.ts";
import { isNarrow, measureUplink, uplink } from "./network.ts";
import { keptAlready, limitsOf, runningElsewhere, runningHere, ticketOf, undecided } from "./earlier.ts";
import { heading } from "./heading.ts";
import { follow, type Following } from "./live.ts";
import { paperwork } from "./paperwork.ts";
import { Place, type Way } from "./place.ts";
import { session } from "./remembered.ts";
import { beforeHandingIn, handingIn, receipt } from "./receipt.ts";
import { spokenOf, type Saving, type Scene } from "./scene.ts";
import { Unsent } from "./unsent.ts";
import type { WaysElement } from "./ways.ts";
import "./ways.ts";

/** How often a recording that this page does not make is asked about; the live connection is usually quicker. */
const ASK_AGAIN = 2_000;
/** How long handing in may wait without a word. */
const LATE = 5_000;
const WAYS: readonly Way[] = ["video", "audio", "text", "file"];

@customElement("gr-record")
export class RecordElement extends LightElement {
  @state() private way: Way;
  @state() private answer: OwnAnswer | null;
  @state() private done: boolean;
  @state() private said = "";
  @state() private fault = "";
  @state() private sending = false;
  /** Everything is answered, and whether to hand it in is theirs to say. */
  @state() private asking: boolean;
  /** Handing in has waited for a while. */
  @state() private late = false;
  readonly place = new Place();
  #studio: Studio | null = null;
  /** Studios of this question that hold a take which did not arrive, by their kind. */
  readonly #aside = new Map<string, Studio>();
  #question = "";
  #ways = createRef<WaysElement>();
  #phase = "";
  #listed = "";
  #following: Following | null = null;
  /** Takes that this page began; others that are being recorded come from before a reload, or from elsewhere. */
  readonly #own = new Set<string>();
  #saving: Saving = "";
  #asking = 0;
  #awaited = ""; // the take that is being recorded elsewhere
  #live = true;
  #voiceOnly = "";
  /** Hands in without waiting for what is still on its way. */
  #unwaited = (): void => undefined;
  readonly #unsent = new Unsent({
    place: this.place,
    busy: () => this.#studio !== null && !["think", "ready", "review"].includes(this.#studio.state.phase),
    changed: () => this.#sendingOn(),
    came: (question, take, kept) => this.#came(question, take, kept),
  });

  constructor() {
    super();
    const doubles = new DoubleTap();
    for (const name of ["click", "keydown"]) this.addEventListener(name, doubles, { capture: true });
    const asked = new URLSearchParams(location.search);
    const way = (asked.get("way") ?? session.get("way")) as Way;
    this.way = WAYS.includes(way) ? way : "video";
    const { place } = this;
    this.answer = place.answer(asked.get("question") ?? place.view.resume ?? "") ?? place.open();
    this.done = place.submitted && !asked.get("question");
    if (!this.done) this.answer ??= place.view.answers[0] ?? null;
    this.asking = !this.done && place.open() === null && !asked.get("question");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("focusin", this.#onFocus);
    this.#following = follow(this.place, {
      take: (_question, take) => {
        this.#studio?.told(take.id, take);
        if (!this.#own.has(take.id)) void this.#refresh();
      },
      online: (online) => (this.#live = online),
      place: () => {
        if (!this.#studio || !isLive(this.#studio.state)) void this.#refresh();
      },
    });
    this.#unsent.start();
    if (this.done || this.asking) return;
    void measureUplink(this.place.api).then(() => this.requestUpdate());
    this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("focusin", this.#onFocus);
    this.#following?.stop();
    this.#unsent.stop();
    window.clearTimeout(this.#asking);
    this.#closeStudios();
  }

  /** Sets the stage for the current question and way. */
  #begin(): void {
    session.set("way", this.way);
    const answer = this.answer;
    this.#leaveStudio(answer);
    if (!answer || this.way === "text" || this.way === "file") return this.requestUpdate();
    const aside = this.#aside.get(this.way);
    if (aside) {
      this.#aside.delete(this.way);
      this.#studio = aside;
      return void aside.open();
    }
    const limits = limitsOf(answer);
    const studio = new Studio({
      desk: this.#desk(answer.question.id),
      kind: this.way,
      limits,
      uplink,
      changed: () => this.#changed(),
      say: (what) => (this.said = spokenOf(what, this.#studio, this.#networked)),
    });
    this.#studio = studio;
    const waiting = undecided(answer);
    if (waiting && !runningHere(answer, this.#own)) studio.resume(limits, ticketOf(waiting), waiting);
    this.#saving = "";
    this.#adopt();
    void studio.open();
  }

  /** The place's desk; remembers which takes are begun here, in this tab also after a reload. */
  #desk(question: string): Desk {
    const desk = this.place.desk(question);
    return {
      ...desk,
      ticket: async (kind) => {
        const ticket = await desk.ticket(kind);
        if (ticket.take) {
          this.#own.add(ticket.take);
          session.set("take", ticket.take);
        }
        return ticket;
      },
    };
  }

  /** A copy from an earlier visit goes on its way, or waits: while it is this question's, nothing new is recorded. */
  #sendingOn(): void {
    const before = this.#saving;
    const ours = this.#unsent.sending?.question === this.answer?.question.id && !this.#unsent.sending?.trouble;
    if (ours && before === "") this.#saving = "sending";
    else if (!ours && before === "sending") this.#saving = "";
    this.requestUpdate();
  }

  /** It has arrived: now it can be watched, kept or made again, unless that was decided before. */
  #came(question: string, take: TakeView | null, kept: boolean): void {
    this.#saving = "";
    if (this.sending) return this.requestUpdate();
    const given = this.answer?.kind !== null && this.answer?.accepted === take?.id; // The copy only made it better.
    if (question === this.answer?.question.id && kept && !given) return void this.#next(false);
    if (question === this.answer?.question.id) {
      this.answer = this.place.answer(question) ?? this.answer;
      const studio = this.#studio;
      if (take && studio && !studio.state.held && ["think", "ready"].includes(studio.state.phase)) {
        studio.resume(limitsOf(this.answer), ticketOf(take), take);
      }
    }
    this.requestUpdate();
  }

  /** Whether our server is in reach, whatever became of the recorder. */
  get #networked(): boolean {
    return navigator.onLine && this.#live;
  }

  /**
   * A recording that goes on without this page, because it was reloaded in the middle or runs on another device, holds
   * the start back; the moment there is something to watch of this question, it is what the candidate decides on.
   */
  #adopt(): void {
    window.clearTimeout(this.#asking);
    const { answer } = this;
    const studio = this.#studio;
    const before = this.#saving;
    if (before === "sending") return;
    this.#saving = "";
    if (!studio || !answer || !["think", "ready"].includes(studio.state.phase)) return;
    const running = runningElsewhere(this.place.view.answers, this.#own);
    if (running) {
      this.#saving = running.id === session.get("take") ? "saving" : "elsewhere";
      this.#awaited = running.id;
      this.#asking = window.setTimeout(() => void this.#refresh(), ASK_AGAIN);
    } else if (before) {
      const waiting = undecided(answer) ?? keptAlready(answer, this.#awaited);
      if (waiting && !studio.state.held) studio.resume(limitsOf(answer), ticketOf(waiting), waiting);
      else if (!studio.state.held) studio.next(limitsOf(answer));
    }
    this.requestUpdate();
  }

  /** Another question forgets its studio; another way of answering must not lose what only this page has. */
  #leaveStudio(answer: OwnAnswer | null): void {
    const studio = this.#studio;
    if (this.#question !== answer?.question.id) this.#closeStudios();
    else if (studio?.unsent) {
      studio.rest();
      this.#aside.set(studio.kind, studio);
    } else studio?.close();
    this.#studio = null;
    this.#question = answer?.question.id ?? "";
    this.#unsent.look(); // What was let go of here may have to be sent.
  }

  #closeStudios(): void {
    for (const studio of [this.#studio, ...this.#aside.values()]) studio?.close();
    this.#studio = null;
    this.#aside.clear();
  }

  #changed(): void {
    const studio = this.#studio;
    if (!studio) return;
    this.requestUpdate();
    if (studio.state.phase === "kept" && this.#phase !== "kept") {
      this.#phase = "kept";
      void this.#next();
      return;
    }
    if (studio.state.phase === "countdown" && this.#phase !== "countdown") this.#unsent.rest();
    // What was announced of a start is not true any more.
    if (this.#phase === "countdown" || this.#phase === "hold") if (studio.state.phase === "ready") this.said = "";
    if (this.#phase !== studio.state.phase) {
      this.#following?.recording(isLive(studio.state) ? (this.answer?.question.position ?? null) : null);
    }
    this.#phase = studio.state.phase;
    if (this.#voiceOnly !== studio.voiceOnly) {
      this.#voiceOnly = studio.voiceOnly;
      if (studio.voiceOnly) this.said = VOICE_ONLY[studio.voiceOnly][studio.copied ? "said" : "uncopied"];
    }
    // Once the take is safe the server's list of takes is the one to choose from.
    const recording = studio.take?.ticket?.recording ?? "";
    if (studio.state.phase === "review" && studio.safety === "safe" && recording && this.#listed !== recording) {
      this.#listed = recording;
      void this.#refresh();
    }
  }

  async #refresh(): Promise<void> {
    try {
      await this.place.refresh();
      if (this.answer) this.answer = this.place.answer(this.answer.question.id) ?? this.answer;
    } catch {
      // The page goes on with what it knows.
    }
    this.#unsent.look();
    this.#adopt();
  }

  /** An answer is in: on to the next open question, or to the end, which is asked about unless it was given `here`. */
  async #next(here = true): Promise<void> {
    await this.#refresh();
    const after = this.place.index(this.answer?.question.id ?? null);
    const next = this.place.open(after);
    if (!next) {
      if (here || this.place.submitted) return this.#submit();
      this.#closeStudios();
      this.asking = true;
      return;
    }
    this.answer = next;
    history.replaceState(null, "", location.pathname);
    this.#begin();
    window.scrollTo({ top: 0 });
  }

  /** What is still on this device comes first: once the team has looked nothing more is taken. */
  async #submit(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.asking = this.late = false;
    this.fault = "";
    const patience = window.setTimeout(() => (this.late = true), LATE);
    this.#closeStudios();
    try {
      const unwaited = new Promise<void>((go) => (this.#unwaited = go));
      if (!this.place.submitted) await Promise.race([this.#unsent.finished(), unwaited]);
      if (!this.place.submitted) await this.place.submit();
      this.#unsent.look();
      this.done = true;
      await this.updateComplete;
      this.querySelector<HTMLElement>("#done-title")?.focus();
    } catch (error) {
      this.fault = sentence(error);
    } finally {
      window.clearTimeout(patience);
      this.sending = false;
    }
  }

  #go(way: Way): void {
    if (way === this.way && this.#studio?.stream) return;
    if (this.done || this.sending || this.asking || (this.#studio && isLive(this.#studio.state))) return;
    this.way = way;
    this.fault = "";
    this.#begin();
  }

  protected override updated(): void {
    const self = this.querySelector<HTMLVideoElement>("video.self");
    const stream = this.#studio?.stream ?? null;
    if (self && self.srcObject !== stream) self.srcObject = stream;
    this.#keepFocus();
  }

  /** A button that was pressed and went away leaves keyboards nowhere: the next main action takes over when it can. */
  #keepFocus(): void {
    const nowhere = document.activeElement === null || document.activeElement === document.body;
    if (nowhere && this.#last && (!this.#last.isConnected || this.#last.matches(":disabled"))) {
      this.querySelector<HTMLElement>("[data-main]")?.focus({ preventScroll: true });
    }
  }
  #last: Element | null = null;
  #onFocus = (event: FocusEvent): void => {
    const target = event.target as Element;
    this.#last = this.contains(target) ? target : null;
  };

  protected override render(): TemplateResult {
    return html`<p class="sr" role="status" aria-live="assertive">${this.said}</p>
      ${this.#screen()}
      <gr-ways
        ${ref(this.#ways)}
        .place=${this.place}
        .way=${this.way}
        @gr-way=${(event: CustomEvent<Way>) => this.#go(event.detail)}
      ></gr-ways>`;
  }

  #screen(): TemplateResult | typeof nothing {
    const { sending } = this.#unsent;
    if (this.done) return receipt(this.place, sending);
    if (this.asking) return beforeHandingIn(this.place, sending, () => void this.#submit());
    const answer = this.answer;
    if (this.sending || this.fault || !answer) {
      const acts = { again: () => void this.#submit(), now: () => this.#unwaited() };
      return handingIn(this.place, this.fault, { sending, late: this.late }, acts);
    }
    const studio = this.#studio;
    const scene: Scene = {
      place: this.place,
      answer,
      way: this.way,
      saving: this.#saving,
      sending: this.#unsent.sending,
      networked: this.#networked,
      narrow: isNarrow(),
      last: this.place.view.answers.every((other) => other === answer || other.kind !== null),
      go: (way) => this.#go(way),
      choose: (take) => this.#studio?.resume(limitsOf(answer), ticketOf(take), take),
      more: () => this.#ways.value?.show(),
    };
    if (!studio) return paperwork(scene, () => void this.#next());
    if (studio.trouble && !studio.stream && studio.state.phase !== "review" && studio.state.phase !== "keeping") {
      return blocked(
        studio.trouble,
        studio.kind,
        () => void studio.open(),
        scene.go,
        () => this.#ways.value?.showPhone(),
      );
    }
    return html`<div class="session" data-phase=${studio.state.phase}>
      ${heading(scene, studio)} ${booth(scene, studio)} ${controls(scene, studio)}
    </div>`;
  }
}
