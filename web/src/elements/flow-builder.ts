/**
 * `<gr-flow-builder>`: the stages of a job, saved by themselves as the rest of its editor, with a version of their own.
 * Removing a stage that people are in asks where they go, and is one save. What others change shows up by itself, and
 * how many people stand where.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { FlowTemplateView, FlowView } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";
import { LightElement } from "../lib/element.ts";
import {
  bodyOf,
  faultOf,
  fromTemplate,
  MOST_STAGES,
  newStep,
  sameFlow,
  shifted,
  stepOf,
  verdictOf,
  withKind,
  type Step,
} from "../lib/flow.ts";
import { icon } from "../lib/icons.ts";
import { follow } from "../lib/live.ts";
import { api, me, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { change } from "../lib/outbox.ts";
import { Saving } from "../lib/saving.ts";
import { refusalOf } from "../lib/saving-parts.ts";
import { templates } from "../lib/templates.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";
import { whereTo } from "./flow-dialogs.ts";
import { keepFlow, templateChoices } from "./flow-templates.ts";
import { stageRow, type Part } from "./flow-stage.ts";
import { grabRow } from "./row-drag.ts";

@customElement("gr-flow-builder")
export class FlowBuilder extends LightElement {
  @state() private flow: FlowView = pageData<FlowView>("flow");
  @state() private steps: readonly Step[] = this.flow.stages.map(stepOf);
  @state() private open: string | null = null;
  @state() private dragged: string | null = null;
  private goals = new Map<string, string>(); // by id of a removed stage: the key of the step its people go to
  private saving = new Saving(
    () => this.save(),
    () => this.requestUpdate(),
  );
  private leave: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const mine = `job:${this.flow.job}`;
    const heard = (payload: { type: string; job?: string | null }) => {
      if (payload.type === "job" && payload.job === this.flow.job) void this.compare();
    };
    this.leave = [mine, `workspace:${me.workspace}`].map((topic) => follow(topic, { onEvent: heard }));
    this.leave.push(templates.watch(() => this.requestUpdate()));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.leave) stop();
  }

  // Saving

  private get sendable(): boolean {
    return this.steps.every((step) => {
      const { name, action } = faultOf(step, this.steps);
      return !name && !action;
    });
  }

  private async save(): Promise<void> {
    if (!this.sendable || (sameFlow(this.steps, this.flow.stages) && !this.goals.size)) return;
    const { steps, goals, flow } = this;
    const place = new Map(steps.map((step, index) => [step.key, index]));
    const moves = [...goals].flatMap(([stage, key]) => (place.has(key) ? [{ stage, to: place.get(key)! }] : []));
    const saved = await change<FlowView>({
      lane: `flow:${flow.job}`,
      method: "PUT",
      path: api(`jobs/${flow.job}/flow`),
      body: { version: flow.version, stages: bodyOf(steps), moves },
      words: "A change of the flow was not saved.",
    });
    if (!saved) return;
    this.flow = saved;
    for (const [stage] of moves.map((move) => [move.stage] as const)) this.goals.delete(stage);
    // New stages have their ids now; what was typed meanwhile stays.
    const ids = new Map(steps.map((step, index) => [step.key, saved.stages[index]!.id]));
    this.steps = this.steps.map((step) => ({ ...step, id: ids.get(step.key) ?? step.id }));
  }

  private put(steps: readonly Step[]): void {
    this.steps = steps;
    this.saving.touch();
  }

  private tell(key: string, part: Part): void {
    const told = (step: Step) => ({ ...step, ...(typeof part === "function" ? part(step) : part) });
    this.put(this.steps.map((step) => (step.key === key ? told(step) : step)));
  }

  // Somebody else

  private async compare(): Promise<void> {
    if (this.saving.busy) return; // our own echo, or a conflict that the save will name
    try {
      const flow = await send<FlowView>("GET", api(`jobs/${this.flow.job}/flow`));
      if (this.saving.busy || flow.version < this.flow.version) return;
      if (flow.version > this.flow.version) this.take(flow);
      else this.flow = flow; // people moved
    } catch {
      // The next save finds out.
    }
  }

  private take(flow: FlowView): void {
    this.flow = flow;
    this.goals.clear();
    const keys = new Map(this.steps.map((step) => [step.id, step.key]));
    this.steps = flow.stages.map((stage) => ({ ...stepOf(stage), key: keys.get(stage.id) ?? stage.id }));
  }

  private async settle(mine: boolean): Promise<void> {
    try {
      const flow = await send<FlowView>("GET", api(`jobs/${this.flow.job}/flow`));
      if (!mine) {
        this.saving.forget();
        return this.take(flow);
      }
      // Stages of theirs that mine does not have are removed again: with people in them that needs a word.
      this.flow = flow;
      const kept = new Set(this.steps.map((step) => step.id));
      const gone = flow.stages.filter((stage) => !kept.has(stage.id) && !this.goals.has(stage.id));
      if (
        await this.released(
          gone.map((stage) => stage.id),
          this.steps,
          "Keep my flow?",
          "Keep mine",
        )
      ) {
        await this.saving.now();
      }
    } catch (error) {
      alarm(sentence(error));
    }
  }

  // Changing

  private people(id: string | null): number {
    return this.flow.stages.find((stage) => stage.id === id)?.people ?? 0;
  }

  private add(): void {
    if (this.steps.length >= MOST_STAGES) return;
    const step = newStep(this.steps);
    this.put(this.steps.toSpliced(-2, 0, step));
    this.show(step.key);
  }

  private show(key: string): void {
    this.open = key;
    templates.load().catch(() => undefined); // where words came from is said when it is known
    void this.updateComplete.then(() => {
      const field = this.find<HTMLInputElement>(`[data-stage="${key}"] [data-name]`);
      field?.focus();
      field?.select();
      field?.closest("li")?.scrollIntoView({ block: "nearest" });
    });
  }

  private toggle(key: string): void {
    if (this.open !== key) return this.show(key);
    this.open = null;
    void this.updateComplete.then(() => this.find<HTMLElement>(`[data-stage="${key}"] > .button`)?.focus());
  }

  private shift(key: string, to: number): void {
    const steps = shifted(this.steps, key, to);
    if (!steps) return;
    this.put(steps);
    const step = steps[to]!;
    this.say(`${step.name} is stage ${to + 1} of ${steps.length}`);
    void this.updateComplete.then(() => this.find<HTMLElement>(`[data-stage="${key}"] .grip`)?.focus());
  }

  private async drop(step: Step): Promise<void> {
    await this.compareNow();
    const rest = () => this.steps.filter((other) => other.key !== step.key);
    if (step.id && this.people(step.id)) {
      if (!(await this.released([step.id], rest(), `Remove ${shortName(step.name)}?`, "Move and remove"))) return;
      this.put(rest()); // what somebody else changed while it was asked stays
      return this.saving.now();
    }
    const at = this.steps.findIndex((other) => other.key === step.key);
    this.put(rest());
    toast("Stage removed", { name: "stage", action: { label: "Undo", run: () => this.bringBack(step, at) } });
  }

  /** A removed stage where it was, among those that there are now. */
  private bringBack(step: Step, at: number): void {
    const there = this.steps.some((other) => other.key === step.key);
    if (!there && this.steps.length < MOST_STAGES)
      this.put(this.steps.toSpliced(Math.min(at, this.steps.length - 2), 0, step));
  }

  /** How many people are there is asked again right before it matters. */
  private async compareNow(): Promise<void> {
    await this.saving.now();
    await this.compare();
  }

  /** Asks where the people of stages go that are left out; false when somebody thought better of it. */
  private async released(ids: readonly string[], steps: readonly Step[], title: string, yes: string) {
    const occupied = this.flow.stages.filter((stage) => ids.includes(stage.id) && stage.people);
    if (!occupied.length) return true;
    const goals = await whereTo({ title, about: "", yes, occupied, goals: steps, danger: true });
    for (const [stage, key] of goals ?? []) this.goals.set(stage, key);
    return goals !== null;
  }

  private async useTemplate(template: FlowTemplateView): Promise<void> {
    await this.compareNow();
    const { version } = this.flow;
    const steps = fromTemplate(template, this.steps);
    const kept = new Set(steps.map((step) => step.id));
    const occupied = this.flow.stages.filter((stage) => !kept.has(stage.id) && stage.people);
    const about = html`Stages become <bdi>${steps.map((step) => shortName(step.name)).join(", ")}</bdi>. Rules and
      messages are replaced by those of the template.`;
    const goals = await whereTo({
      title: `Use “${shortName(template.name)}”?`,
      about,
      yes: "Use it",
      occupied,
      goals: steps,
    });
    if (!goals) return;
    if (this.flow.version !== version)
      return void alarm("Somebody changed the flow meanwhile. Have a look at it first.");
    for (const [stage, key] of goals) this.goals.set(stage, key);
    this.open = null;
    this.put(steps);
    await this.saving.now();
  }

  private async chooseTemplate(event: Event): Promise<void> {
    const anchor = event.currentTarget as HTMLElement;
    try {
      const templates = await send<FlowTemplateView[]>("GET", api("flow-templates"));
      const choices = templateChoices(
        templates,
        (template) => void this.useTemplate(template),
        () => void keepFlow(templates, bodyOf(this.steps)),
      );
      await openMenu(anchor, "Use a template", choices);
    } catch (error) {
      alarm(sentence(error));
    }
  }

  private grab(down: PointerEvent, key: string): void {
    this.dragged = key;
    grabRow(down, this, "[data-stage]", {
      at: () => this.steps.findIndex((step) => step.key === key),
      shift: (to) => this.shift(key, to),
      end: () => (this.dragged = null),
    });
  }

  private gripKey(event: KeyboardEvent, key: string, index: number): void {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    this.shift(key, index + (event.key === "ArrowUp" ? -1 : 1));
  }

  private say(words: string): void {
    const region = this.find("[aria-live]");
    if (region) region.textContent = words;
  }

  // Drawing

  protected override render() {
    const full = this.steps.length >= MOST_STAGES;
    return html`<section class="card pane" aria-labelledby="flow-title">
      <header class="row">
        <h2 id="flow-title">Flow</h2>
        <span class="muted grow cut">What happens to a person, step by step</span>
        ${this.saved()}
        <button
          type="button"
          class="button quiet"
          aria-haspopup="menu"
          aria-expanded="false"
          @click=${(event: Event) => this.chooseTemplate(event)}
        >
          Templates${icon("down")}
        </button>
        <button
          type="button"
          class="button"
          ?disabled=${full}
          title=${full ? `At most ${MOST_STAGES} stages` : ""}
          @click=${() => this.add()}
        >
          ${icon("plus")}Add stage
        </button>
      </header>
      ${refusalOf(
        this.saving,
        () => void this.settle(false),
        () => void this.settle(true),
      )}
      ${this.track()} ${this.verdict()}
      <ol class="flow ${this.dragged ? "sorting" : ""}">
        ${repeat(
          this.steps,
          (step) => step.key,
          (step, index) => this.row(step, index),
        )}
      </ol>
      <div class="sr" aria-live="polite"></div>
    </section>`;
  }

  private row(step: Step, index: number) {
    return stageRow({
      step,
      flow: this.flow,
      people: this.people(step.id),
      open: this.open === step.key,
      held: this.dragged === step.key,
      fault: faultOf(step, this.steps),
      toggle: () => this.toggle(step.key),
      tell: (part) => this.tell(step.key, part),
      turn: (kind) => this.tell(step.key, withKind(step, kind, this.steps)),
      remove: () => void this.drop(step),
      gripKey: (event) => this.gripKey(event, step.key, index),
      grab: (event) => this.grab(event, step.key),
    });
  }

  private saved() {
    const { state } = this.saving;
    if (state.kind === "refused") return html`<span class="badge bad" role="status">${icon("alert")}Not saved</span>`;
    if (state.kind === "waiting") return html`<span class="badge warn" role="status">${icon("offline")}Waiting</span>`;
    if (!this.sendable) return html`<span class="badge warn" role="status">${icon("alert")}Not complete</span>`;
    if (state.kind === "saved") return nothing;
    return html`<span class="badge saved" role="status">${icon("sync")}Saving</span>`;
  }

  /** The flow at a glance. */
  private track() {
    const shown = this.steps.filter((step) => step.kind !== "declined");
    return html`<ol class="track" tabindex="0" aria-label="The flow at a glance">
      ${shown.map(
        (step) =>
          html`<li class="c${step.colour}">
            <b class="cut" dir="auto">${step.name}</b
            >${step.days ? html`<small aria-label=${many(step.days, "day")}>${step.days} d</small>` : nothing}
          </li>`,
      )}
    </ol>`;
  }

  private verdict() {
    const { tone, words } = verdictOf(this.steps, this.flow.hired_in);
    return html`<p class="notice ${tone}">
      ${icon(tone === "warn" ? "alert" : tone ? "check" : "clock")}<span>${words}</span>
    </p>`;
  }
}
