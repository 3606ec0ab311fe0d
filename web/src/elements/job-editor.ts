/**
 * `<gr-job-editor>`: a job's details, video and questions, saved by themselves. Two people may edit at once: a save made
 * from an older version is refused, and the person chooses whose words stay.
 */
import { html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type { CriterionView, JobState, JobView, Present, QuestionView } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { copyText } from "../lib/copy.ts";
import { pageData } from "../lib/data.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { follow } from "../lib/live.ts";
import { api, path } from "../lib/me.ts";
import { change } from "../lib/outbox.ts";
import { Saving } from "../lib/saving.ts";
import { refusalOf } from "../lib/saving-parts.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";
import "./criteria-list.ts";
import type { Judged } from "./criteria-list.ts";
import { jobHeading } from "./job-heading.ts";
import { jobPreview, type Details } from "./job-preview.ts";
import { promiseField } from "./job-promise.ts";
import "./flow-builder.ts";
import "./job-video.ts";
import type { JobVideo } from "./job-video.ts";
import "./question-list.ts";
import { MOST, type Draft, type QuestionList } from "./question-list.ts";

const DETAILS = ["title", "location", "remote", "description", "promise_days"] as const;

@customElement("gr-job-editor")
export class JobEditor extends LightElement {
  @state() private job: JobView = pageData<JobView>();
  @state() private details: Details = detailsOf(this.job);
  @state() private questions: readonly Draft[] = this.job.questions.map(draftOf);
  @state() private criteria: readonly Judged[] = this.job.criteria.map(judgedOf);
  @state() private people: readonly Present[] = [];
  @state() private switching = false;
  @query("gr-question-list") private list!: QuestionList;
  @query("gr-job-video") private video!: JobVideo;
  private asked = this.questions;
  private saving = new Saving(
    () => this.save(),
    () => this.settled(),
  );
  private missed = false; // something was heard of while there was something unsaved
  private leave: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.leave = follow(`job:${this.job.id}`, {
      state: { view: "edit" },
      onEvent: (payload) => {
        if (payload.type === "job") void this.compare();
      },
      onPresence: (people) => (this.people = people),
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
  }

  // Saving

  private get changedDetails(): Partial<Details> {
    const changed = DETAILS.filter((name) => this.details[name] !== this.job[name]);
    return Object.fromEntries(changed.map((name) => [name, this.details[name]]));
  }

  /** One change of this job, sent until it is answered. */
  private async change(method: "PUT" | "PATCH", rest: string, body: unknown): Promise<JobView> {
    const { id, title } = this.job;
    const words = `A change of **${title}** was not saved.`;
    const job = await change<JobView>({ lane: `job:${id}`, method, path: api(`jobs/${id}${rest}`), body, words });
    return job ?? this.job;
  }

  private async save(): Promise<void> {
    const { title, ...others } = this.changedDetails;
    const details: Partial<Details> = title?.trim() ? { ...others, title: title.trim() } : others;
    if (Object.keys(details).length) {
      const saved = await this.change("PATCH", "", { version: this.job.version, ...details });
      this.job = saved;
      if (details.title !== undefined && this.details.title.trim() === saved.title) {
        this.details = { ...this.details, title: saved.title };
      }
    }
    const written = this.questions.filter((question) => question.text.trim());
    if (this.asked !== this.questions && !same(written, this.job.questions)) await this.saveQuestions(written);
    const judged = named(this.criteria, this.job.criteria).filter((one) => one.name.trim());
    if (!alike(judged, this.job.criteria)) await this.saveCriteria(judged);
  }

  private async saveCriteria(written: readonly Judged[]): Promise<void> {
    const criteria = written.map(({ id, name }) => ({ ...(id ? { id } : {}), name: name.trim() }));
    this.job = await this.change("PUT", "/criteria", { version: this.job.version, criteria });
    const ids = new Map(written.map((one, index) => [one.key, this.job.criteria[index]?.id ?? null]));
    this.criteria = this.criteria.map((one) => (ids.has(one.key) ? { ...one, id: ids.get(one.key)! } : one));
  }

  private async saveQuestions(written: readonly Draft[]): Promise<void> {
    const from = this.questions;
    const questions = written.map(({ key: _key, id, text, ...limits }) => ({
      ...(id ? { id } : {}),
      text: text.trim(),
      ...limits,
    }));
    const body = { version: this.job.version, questions };
    this.job = await this.change("PUT", "/questions", body);
    const ids = new Map(written.map((draft, index) => [draft.key, this.job.questions[index]?.id ?? null]));
    this.questions = this.questions.map((draft) =>
      ids.has(draft.key) ? { ...draft, id: ids.get(draft.key)! } : draft,
    );
    if (from.length === this.questions.length) this.asked = this.questions;
  }

  private edit(part: Partial<Details>): void {
    this.details = { ...this.details, ...part };
    this.saving.touch();
  }

  private ask(questions: readonly Draft[]): void {
    this.questions = questions;
    this.saving.touch();
  }

  private judge(criteria: readonly Judged[]): void {
    this.criteria = criteria;
    this.saving.touch();
  }

  // Somebody else

  private settled(): void {
    this.requestUpdate();
    if (!this.missed || this.saving.busy) return;
    this.missed = false;
    void this.compare();
  }

  private async compare(): Promise<void> {
    if (this.saving.busy) return void (this.missed = true); // our own echo, or a conflict that the save will name
    try {
      const job = await send<JobView>("GET", api(`jobs/${this.job.id}`));
      if (this.saving.busy) return;
      if (job.version > this.job.version) this.take(job);
      // What is made of its video, and written below it, is no change of the job.
      else if (job.version === this.job.version) this.job = { ...this.job, film: job.film };
    } catch (error) {
      // The next save finds out; a draft that a colleague deleted has none.
      if (error instanceof Failure && error.code === "not_found") location.assign(path("jobs"));
    }
  }

  /** What was just added here, and has no words yet, stays. */
  private take(job: JobView): void {
    this.job = job;
    this.details = detailsOf(job);
    const begun = this.questions.filter(({ id, text }) => !id && !text.trim());
    this.questions = [...keyed(job.questions.map(draftOf), this.questions), ...begun];
    this.asked = this.questions;
    const added = this.criteria.filter(({ id, name }) => !id && !name.trim());
    this.criteria = [...keyed(job.criteria.map(judgedOf), this.criteria), ...added];
  }

  private async loadTheirs(): Promise<void> {
    try {
      const job = await send<JobView>("GET", api(`jobs/${this.job.id}`));
      this.saving.forget();
      this.take(job);
    } catch (error) {
      alarm(sentence(error));
    }
  }

  private async keepMine(): Promise<void> {
    try {
      this.job = await send<JobView>("GET", api(`jobs/${this.job.id}`));
      this.asked = [];
      await this.saving.now();
    } catch (error) {
      alarm(sentence(error));
    }
  }

  // Open and closed

  private async setState(wanted: JobState): Promise<void> {
    if (this.switching) return;
    this.switching = true;
    try {
      await this.saving.now();
      if (this.saving.state.kind === "refused") return;
      if (wanted === "open" && !(await this.video.settled())) return;
      this.job = await this.change("PUT", "/state", { state: wanted });
      if (wanted === "open") {
        toast("The job is open. Share its link.", {
          name: "job-state",
          action: { label: "Copy link", run: () => void this.copyLink() },
        });
      } else {
        toast("The job is closed. Nobody new can apply; those who started can finish.", { name: "job-state" });
      }
    } catch (error) {
      alarm(sentence(error));
    } finally {
      this.switching = false;
    }
  }

  private copyLink(): Promise<void> {
    return copyText(this.job.public_url, "Link copied. Candidates need no account.");
  }

  // Drawing

  protected override render() {
    return html`${jobHeading({
        job: this.job,
        title: this.details.title,
        saving: this.saving,
        people: this.people,
        switching: this.switching,
        setState: (wanted) => void this.setState(wanted),
        copyLink: () => void this.copyLink(),
      })}
      <div class="editor">
        <div class="form">
          ${refusalOf(
            this.saving,
            () => void this.loadTheirs(),
            () => void this.keepMine(),
          )}
          <div class="pairup">
            ${this.detailsPane()}
            <gr-job-video
              .job=${this.job}
              @job=${(event: CustomEvent<JobView>) => (this.job = event.detail)}
            ></gr-job-video>
          </div>
          ${this.questionsPane()}
          <gr-criteria-list
            .criteria=${this.criteria}
            @change=${({ detail }: CustomEvent<readonly Judged[] | undefined>) =>
              detail ? this.judge(detail) : (this.criteria = named(this.criteria, this.job.criteria))}
          ></gr-criteria-list>
          <gr-flow-builder></gr-flow-builder>
        </div>
        ${jobPreview(this.job, this.details, this.questions.filter((draft) => draft.text.trim()).length, this.minutes)}
      </div>`;
  }

  private detailsPane() {
    const { details } = this;
    const empty = !details.title.trim();
    const value = (event: Event) => (event.target as HTMLInputElement).value;
    return html`<section class="card pane" aria-labelledby="details-title">
      <header class="row"><h2 id="details-title">Details</h2></header>
      <div class="labelled">
        <label for="job-title">Title</label>
        <span class="field"
          ><input
            id="job-title"
            maxlength="120"
            autocomplete="off"
            aria-invalid=${empty ? "true" : "false"}
            aria-describedby="job-title-fault"
            .value=${details.title}
            @input=${(event: Event) => this.edit({ title: value(event) })}
        /></span>
        <p class="fault" id="job-title-fault" ?hidden=${!empty}>${icon("alert")}A job needs a title.</p>
      </div>
      <div class="labelled">
        <label for="job-location">Location</label>
        <span class="field"
          >${icon("pin")}<input
            id="job-location"
            maxlength="120"
            autocomplete="off"
            placeholder="Lisbon, or anywhere in Europe"
            .value=${details.location}
            @input=${(event: Event) => this.edit({ location: value(event) })}
        /></span>
      </div>
      <label class="tick"
        ><input
          type="checkbox"
          .checked=${details.remote}
          @change=${(event: Event) => this.edit({ remote: (event.target as HTMLInputElement).checked })}
        /><span>Remote work is possible</span></label
      >
      ${promiseField(details.promise_days, (promise_days) => this.edit({ promise_days }))}
      <div class="labelled">
        <label for="job-description">Description</label>
        <textarea
          class="box"
          id="job-description"
          rows="9"
          maxlength="20000"
          aria-describedby="job-description-help"
          placeholder="What will this person do in the first three months? Who will they work with?"
          .value=${details.description}
          @input=${(event: Event) => this.edit({ description: value(event) })}
        ></textarea>
        <p class="help" id="job-description-help">
          Markdown works: **bold**, lists with -, headings with ##, [links](https://...).
        </p>
      </div>
    </section>`;
  }

  private questionsPane() {
    const count = this.questions.length;
    return html`<section class="card pane" aria-labelledby="questions-title">
      <header class="row">
        <h2 id="questions-title">Questions</h2>
        <span class="muted grow cut"
          >${count ? `${many(count, "question")}, about ${many(this.minutes, "minute")} for the candidate` : ""}</span
        >
        <button
          type="button"
          class="button"
          ?disabled=${count >= MOST}
          title=${count >= MOST ? `At most ${MOST} questions` : ""}
          @click=${() => this.list.add()}
        >
          ${icon("plus")}Add question
        </button>
      </header>
      <gr-question-list
        .questions=${this.questions}
        @change=${(event: CustomEvent<readonly Draft[]>) => event.detail && this.ask(event.detail)}
      ></gr-question-list>
      ${
        count
          ? nothing
          : html`<div class="empty">
              ${icon("chat")}<strong>What do you want to hear?</strong
              ><span>One to ten questions. Short ones are easier to answer well.</span>
            </div>`
      }
    </section>`;
  }

  private get minutes(): number {
    const seconds = this.questions.reduce(
      (sum, { think, longest }) => sum + Math.min(think || 60, 60) + (longest * 2) / 3,
      0,
    );
    return Math.max(1, Math.round(seconds / 60));
  }
}

function detailsOf({ title, location, remote, description, promise_days }: JobView): Details {
  return { title, location, remote, description, promise_days };
}

function draftOf({ id, text, think, longest, takes }: QuestionView): Draft {
  return { key: id, id, text, think, longest, takes };
}

/** The same as they are known here already: the focus stays in what somebody writes. */
function keyed<T extends { key: string; id: string | null }>(fresh: readonly T[], known: readonly T[]): T[] {
  const keys = new Map(known.map(({ id, key }) => [id, key]));
  return fresh.map((one) => ({ ...one, key: keys.get(one.id) ?? one.key }));
}

/** Whether the written questions are what the server has. */
function same(written: readonly Draft[], saved: readonly QuestionView[]): boolean {
  const fields = ["id", "text", "think", "longest", "takes"] as const;
  return (
    written.length === saved.length &&
    written.every((draft, index) => fields.every((field) => draft[field] === saved[index]![field]))
  );
}

function judgedOf({ id, name }: CriterionView): Judged {
  return { key: id, id, name };
}

/** A name that was emptied stays what it was until there is another: a criterion is removed by its button alone. */
function named(written: readonly Judged[], saved: readonly CriterionView[]): Judged[] {
  const names = new Map(saved.map(({ id, name }) => [id, name]));
  return written.map((one) => (one.name.trim() ? one : { ...one, name: names.get(one.id ?? "") ?? "" }));
}

/** Whether the written criteria are what the server has. */
function alike(written: readonly Judged[], saved: readonly CriterionView[]): boolean {
  return (
    written.length === saved.length &&
    written.every(({ id, name }, at) => id === saved[at]!.id && name.trim() === saved[at]!.name)
  );
}
