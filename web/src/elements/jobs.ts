/** `<gr-jobs>`: the workspace's jobs, open ones first, with how many stand in which stage and who waits. */
import { html, nothing, svg } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { JobLine, JobView, StageView } from "../live/protocol.gen.ts";
import { offerActions } from "../lib/actions.ts";
import { send, sentence } from "../lib/api.ts";
import { copyText } from "../lib/copy.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { api, may, path } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { plainName } from "../lib/moves.ts";
import { change } from "../lib/outbox.ts";
import { promiseWords } from "../lib/promise.ts";
import { offer } from "../lib/shortcuts.ts";
import { date, many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";

type Filter = "all" | JobLine["state"];

const GROUPS: readonly { state: JobLine["state"]; title: string }[] = [
  { state: "open", title: "Open" },
  { state: "draft", title: "Drafts" },
  { state: "closed", title: "Closed" },
];
const NONE: Readonly<Record<Filter, string>> = {
  all: "No jobs",
  open: "No job is open",
  draft: "No drafts",
  closed: "No job is closed",
};
const BAR = { width: 34, gap: 6, height: 26 };

@customElement("gr-jobs")
export class Jobs extends RestingElement {
  @state() private jobs: readonly JobLine[] = pageData<JobLine[]>();
  @state() private filter: Filter = "all";
  @state() private search = "";
  @state() private creating = false;
  @state() private untitled = false;
  private leave: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("gr-jobs", this.refreshed);
    this.leave = [
      offer([
        { keys: "/", label: "Find a job", group: "Here", run: () => this.find("input[type=search]")?.focus() },
        ...(may.edit ? [{ keys: "N", label: "New job", group: "Here" as const, run: () => this.ask() }] : []),
      ]),
      offerActions(() =>
        may.edit ? [{ label: "New job", icon: "plus", words: "add create", run: () => this.ask() }] : [],
      ),
    ];
    if (location.hash === "#new" && may.edit) void this.updateComplete.then(() => this.ask());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("gr-jobs", this.refreshed);
    for (const leave of this.leave) leave();
  }

  private refreshed = (event: Event): void => {
    this.jobs = (event as CustomEvent<JobLine[]>).detail;
  };

  private ask(): void {
    this.untitled = false;
    this.find<HTMLDialogElement>("dialog")?.showModal();
  }

  private async create(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const title = String(new FormData(event.target as HTMLFormElement).get("title") ?? "").trim();
    if (this.creating) return;
    this.untitled = !title;
    if (!title) return this.find("#new-title")?.focus();
    this.creating = true;
    try {
      const words = `The job **${title}** was not made.`;
      const job = await change<JobView>({ lane: "jobs", method: "POST", path: api("jobs"), body: { title }, words });
      if (job) location.assign(path(`jobs/${job.id}/edit`));
    } catch (error) {
      this.creating = false;
      alarm(sentence(error));
    }
  }

  private async setState(job: JobLine, wanted: JobLine["state"]): Promise<void> {
    const shown = job.state;
    const show = (state: JobLine["state"]) =>
      (this.jobs = this.jobs.map((other) => (other.id === job.id ? { ...other, state } : other)));
    show(wanted); // now, whatever the network does; taken back when it is refused
    try {
      await change<JobView>({
        lane: `job:${job.id}`,
        method: "PUT",
        path: api(`jobs/${job.id}/state`),
        body: { state: wanted },
        words: `**${job.title}** was not changed.`,
      });
      toast(wanted === "open" ? `**${job.title}** is open` : `**${job.title}** is closed. Nobody new can apply.`);
    } catch (error) {
      show(shown);
      alarm(sentence(error));
    }
  }

  private async copyLink(job: JobLine): Promise<void> {
    try {
      const { public_url } = await send<JobView>("GET", api(`jobs/${job.id}`));
      await copyText(public_url, "Link copied. Candidates need no account.");
    } catch (error) {
      alarm(sentence(error));
    }
  }

  private more(event: Event, job: JobLine): void {
    const edit = { label: "Edit job", icon: "write", run: () => location.assign(path(`jobs/${job.id}/edit`)) };
    const link = { label: "Copy candidate link", icon: "link", run: () => void this.copyLink(job) };
    const open = { label: "Open again", icon: "undo", run: () => void this.setState(job, "open") };
    const close = { label: "Close job", icon: "lock", apart: true, run: () => void this.setState(job, "closed") };
    const choices = { open: [edit, link, close], draft: [edit], closed: [edit, open] }[job.state];
    void openMenu(event.currentTarget as HTMLElement, job.title, choices);
  }

  protected override render() {
    if (!this.jobs.length) {
      return html`<header class="head">
          <div class="row"><h1>Jobs</h1></div>
        </header>
        <div class="body centred">${this.first()}</div>
        ${this.dialog()}`;
    }
    const wanted = plainName(this.search.trim());
    const found = this.jobs.filter((job) => !wanted || plainName(`${job.title} ${job.location}`).includes(wanted));
    const groups = GROUPS.filter(({ state }) => this.filter === "all" || this.filter === state);
    const shown = groups.map(({ state, title }) =>
      this.group(
        state,
        title,
        found.filter((job) => job.state === state),
      ),
    );
    return html`${this.heading()}
      <div class="body">
        <div class="joblists">
          ${shown}
          ${
            found.some((job) => this.filter === "all" || job.state === this.filter)
              ? nothing
              : html`<div class="empty">
                  ${
                    wanted
                      ? html`${icon("find")}<strong>No job fits</strong><span>Try fewer letters.</span>`
                      : html`${icon("jobs")}<strong>${NONE[this.filter]}</strong>`
                  }
                </div>`
          }
        </div>
      </div>
      ${this.dialog()}`;
  }

  private heading() {
    const people = this.jobs.reduce((sum, job) => sum + job.people, 0);
    const fresh = this.jobs.reduce((sum, job) => sum + job.new, 0);
    const number = (state: Filter) => (state === "all" ? 0 : this.jobs.filter((job) => job.state === state).length);
    const filters: readonly [Filter, string][] = [
      ["all", "All"],
      ["open", "Open"],
      ["draft", "Drafts"],
      ["closed", "Closed"],
    ];
    return html`<header class="head">
      <div class="row">
        <h1>Jobs</h1>
        <span class="muted cut"
          >${many(people, "candidate")}${fresh ? html`<span class="also">, ${fresh} with new answers</span>` : nothing}</span
        >
        <span class="grow"></span>
        ${
          may.edit
            ? html`<button type="button" class="button primary" @click=${this.ask}>${icon("plus")}New job</button>`
            : nothing
        }
      </div>
      <div class="row tools">
        <div class="tabs segment" role="group" aria-label="Show">
          ${filters.map(
            ([filter, label]) =>
              html`<button type="button" aria-pressed=${this.filter === filter} @click=${() => (this.filter = filter)}>
                ${label}${number(filter) ? html` <span class="num">${number(filter)}</span>` : nothing}
              </button>`,
          )}
        </div>
        <span class="grow"></span>
        <label class="field">
          ${icon("find")}
          <input
            type="search"
            placeholder="Find a job"
            aria-label="Find a job"
            autocomplete="off"
            .value=${this.search}
            @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
      </div>
    </header>`;
  }

  private group(state: JobLine["state"], title: string, jobs: readonly JobLine[]) {
    if (!jobs.length) return nothing;
    const stages = jobs[0]!.counts.map(([stage]) => stage).filter((stage) => stage.kind !== "declined");
    return html`<section aria-labelledby="jobs-${state}">
      <header class="sec">
        <h2 id="jobs-${state}">${title}</h2>
        <span class="muted num">${jobs.length}</span>
        <span class="grow"></span>
        ${state === "open" ? legend(stages) : nothing}
      </header>
      <ul class="card joblist ${state}">
        ${repeat(
          jobs,
          (job) => job.id,
          (job) => html`<li>${this.name(job)}${state === "draft" ? this.draft(job) : this.counts(job)}</li>`,
        )}
      </ul>
    </section>`;
  }

  private name(job: JobLine) {
    const place = [job.remote ? "Remote" : "", job.location].filter(Boolean).join(", ");
    const questions = many(job.questions, "question");
    const facts = [place, questions, job.has_video ? "job video" : ""].filter(Boolean).join(" · ");
    const closed = job.state === "closed" && job.closed_at ? `Closed ${date(job.closed_at)}` : "";
    return html`<div class="jobname c${job.colour}">
      <span class="dot ${job.state === "open" ? "" : "hollow"}"></span>
      <div class="grow">
        <a class="name cut" href=${path(job.state === "draft" && may.edit ? `jobs/${job.id}/edit` : `jobs/${job.id}`)}
          ><bdi>${job.title}</bdi></a
        >
        <span class="muted cut">${closed || facts}</span>
      </div>
      ${job.new ? html`<span class="badge accent">${job.new} new</span>` : nothing}
    </div>`;
  }

  private counts(job: JobLine) {
    const counts = job.counts.filter(([stage]) => stage.kind !== "declined");
    const hired = job.counts.find(([stage]) => stage.kind === "hired")?.[1] ?? 0;
    return html`${
        job.state === "open"
          ? bars(counts)
          : html`<span class="muted nowrap">${many(job.people, "person", "people")}, ${hired} hired</span>`
      }
      ${waits(job)}
      <span class="when muted cut">${job.state === "open" ? `Since ${date(job.created_at)}` : ""}</span>
      ${
        may.edit
          ? html`<button
              type="button"
              class="button quiet icon more"
              aria-haspopup="menu"
              aria-expanded="false"
              aria-label="More for ${job.title}"
              @click=${(event: Event) => this.more(event, job)}
            >
              ${icon("more")}
            </button>`
          : html`<span></span>`
      }`;
  }

  private draft(job: JobLine) {
    const done = [true, job.questions > 0, job.has_video];
    const missing =
      job.questions === 0 ? "Questions are missing" : job.has_video ? "Ready to open" : "No job video yet";
    return html`<span class="todo">
        <span class="steps" aria-hidden="true">${done.map((one) => html`<i class=${one ? "on" : ""}></i>`)}</span>
        <span class="muted">${missing}</span>
      </span>
      ${
        may.edit
          ? html`<a class="button" href=${path(`jobs/${job.id}/edit`)}
              >Continue<span class="sr"> with ${job.title}</span></a
            >`
          : nothing
      }`;
  }

  private first() {
    return html`<section class="empty first">
      ${icon("jobs")}
      <h2>Your first job starts with a hello</h2>
      <p>
        Record a one-minute video about the work, ask up to ten questions, and share the link. Candidates answer on
        camera when it suits them, and you see each answer the moment it is saved.
      </p>
      ${
        may.edit
          ? html`<button type="button" class="button primary" @click=${this.ask}>${icon("plus")}New job</button>`
          : html`<p class="muted">Ask a recruiter of your team to make one.</p>`
      }
    </section>`;
  }

  private dialog() {
    if (!may.edit) return nothing;
    return html`<dialog aria-labelledby="new-job">
      <form method="dialog" novalidate @submit=${this.create}>
        <h2 id="new-job">New job</h2>
        <p>It starts as a draft: nobody outside sees it until you open it.</p>
        <div class="labelled">
          <label for="new-title">Title</label>
          <span class="field"
            ><input
              id="new-title"
              name="title"
              required
              maxlength="120"
              autocomplete="off"
              placeholder="Product engineer"
              aria-invalid=${this.untitled ? "true" : "false"}
              aria-describedby="new-title-fault"
          /></span>
          <p class="fault" id="new-title-fault" role="alert" ?hidden=${!this.untitled}>
            ${icon("alert")}A job needs a title.
          </p>
        </div>
        <footer>
          <button type="button" class="button" @click=${() => this.find<HTMLDialogElement>("dialog")?.close()}>
            Cancel
          </button>
          <button class="button primary" aria-busy=${this.creating}>Create draft</button>
        </footer>
      </form>
    </dialog>`;
  }
}

/** Who waits for the team, and the promise that says most about it. */
function waits({ state, waiting, overdue, due }: JobLine) {
  if (!waiting) {
    return html`<span class="jobwaits"
      >${state === "open" ? html`<span class="badge good">${icon("check")}Nobody waits</span>` : nothing}</span
    >`;
  }
  const next = due ? promiseWords(due) : null;
  const tone = overdue ? "bad" : (next?.tone ?? "");
  return html`<span class="jobwaits"
    ><span class="badge ${tone}">${icon("clock")}${waiting} waiting</span>
    <span class="muted cut"
      >${overdue ? `${overdue} past their promise` : next ? `next: ${next.words}` : ""}</span
    ></span
  >`;
}

function legend(stages: readonly StageView[]) {
  return html`<ul class="legend">
    ${stages.map((stage) => html`<li class="c${stage.colour}"><span class="dot"></span><span class="cut">${stage.name}</span></li>`)}
  </ul>`;
}

/** How many people stand in each stage, as bars with their numbers. */
function bars(counts: readonly [StageView, number][]) {
  const most = Math.max(1, ...counts.map(([, number]) => number));
  const width = counts.length * (BAR.width + BAR.gap) - BAR.gap;
  const words = counts.map(([stage, number]) => `${stage.name} ${number}`).join(", ");
  return html`<svg class="funnel" role="img" aria-label=${words} width=${width} height="44" viewBox="0 0 ${width} 44">
    ${counts.map(([stage, number], index) => {
      const height = number ? Math.max(3, (number / most) * BAR.height) : 2;
      const x = index * (BAR.width + BAR.gap);
      return svg`<g class="c${stage.colour}">
        <rect class=${number ? "" : "none"} x=${x} y=${42 - height} width=${BAR.width} height=${height} rx="1.5"></rect>
        <text x=${x + BAR.width / 2} y=${36 - height}>${number}</text>
      </g>`;
    })}
  </svg>`;
}
