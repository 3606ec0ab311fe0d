/**
 * `<gr-import>`: candidates from a file. The file is read on the server; here its columns are named, what would happen is
 * seen before it does, and the rest is watched, by everybody who has the page open.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { AnyPayload, ImportPage, ImportRow, ImportView, JobRow } from "../live/protocol.gen.ts";
import { send, sendFile, sentence } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { follow, since } from "../lib/live.ts";
import { api, may, me, path } from "../lib/me.ts";
import { many } from "../lib/time.ts";
import { alarm } from "../lib/toast.ts";
import { DELIMITERS, faultList, otherImports, outcome, preview, told } from "./import-parts.ts";

/** How the file is read and what it is, as it stands; a part of it is changed at a time. */
interface Wishes {
  columns: string[] | null;
  stage: string | null;
  source: string;
  encoding: string | null;
  delimiter: string | null;
  sheet: number | null;
  header: boolean | null;
}

@customElement("gr-import")
export class ImportCandidates extends RestingElement {
  private job = pageData<JobRow>("job");
  @state() private page = pageData<ImportPage>();
  @state() private busy = "";
  @state() private over = false;
  @state() private wide = false;
  @state() private again = false;
  private doing: Promise<void> = Promise.resolve();
  private leaving: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.leaving = [`job:${this.job.id}`, `workspace:${me.workspace}`].map((topic) =>
      follow(topic, {
        ...since(topic, this.page),
        onEvent: (payload) => this.heard(payload),
        onResync: () => this.reload(),
      }),
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leaving) leave();
  }

  private get current(): ImportView | null {
    return this.again ? null : this.page.current;
  }

  /** Counts of a running import are shown as they come; whatever else changed is fetched. */
  private heard(payload: AnyPayload): void {
    if (payload.type === "profile") return void this.reload(); // the workspace has other fields
    if (payload.type !== "import") return;
    const { row } = payload;
    const known = this.page.current;
    if (known?.row.id === row.id && row.state === "running" && known.row.state === "running") {
      if (row.done > known.row.done) this.page = { ...this.page, current: { ...known, row } };
    } else {
      void this.reload();
    }
  }

  private async reload(): Promise<ImportPage | null> {
    try {
      this.page = await send<ImportPage>("GET", api(`jobs/${this.job.id}/imports`));
      return this.page;
    } catch {
      return null; // the next event fetches again
    }
  }

  /** Asks the server for something about this import; a second press does nothing, but a file that is brought waits. */
  private change(what: string, work: () => Promise<ImportView>): Promise<void> {
    if (!this.busy || what === "bring") this.doing = this.doing.then(() => this.do(what, work));
    return this.doing;
  }

  /** Does it, and shows what came of it. */
  private async do(what: string, work: () => Promise<ImportView>): Promise<void> {
    this.busy = what;
    try {
      this.page = { ...this.page, current: await work() };
      if (what === "bring") this.again = false;
    } catch (error) {
      alarm(sentence(error), { name: "import" });
    }
    await this.reload();
    this.busy = "";
  }

  private bring(file: File | undefined): void {
    if (!file || !may.edit) return;
    this.wide = false;
    const name = encodeURIComponent(file.name.slice(0, 300));
    void this.change("bring", () => sendFile<ImportView>(api(`jobs/${this.job.id}/imports?name=${name}`), file));
  }

  private remap(part: Partial<Wishes>): void {
    const view = this.current;
    if (!view) return;
    const same: Wishes = {
      columns: view.columns.length ? view.columns.map((column) => column.field) : null,
      stage: view.stage,
      source: view.source,
      encoding: view.encoding || null,
      delimiter: view.delimiter || null,
      sheet: view.sheet,
      header: view.kind ? view.header : null,
    };
    const body = { version: view.row.version, ...same, ...part };
    void this.change("map", () => send<ImportView>("PUT", api(`imports/${view.row.id}/mapping`), body));
  }

  private start(row: ImportRow): void {
    void this.change("start", () => send<ImportView>("POST", api(`imports/${row.id}/start`), { version: row.version }));
  }

  private cancel(row: ImportRow): void {
    void this.change("cancel", () => send<ImportView>("POST", api(`imports/${row.id}/cancellation`)));
  }

  protected override render() {
    const view = this.current;
    const state = view?.row.state;
    const fresh = !view || (state === "cancelled" && !view.row.done);
    return html`<header class="head">
        <div class="row title">
          <a class="button quiet icon" href=${path(`jobs/${this.job.id}`)} aria-label="Back to the board"
            >${icon("left")}</a
          >
          <h1>Import candidates</h1>
          <span class="muted cut">to <bdi>${this.job.title}</bdi></span>
        </div>
      </header>
      <div class="body">
        <div class="importing">${fresh ? this.drop() : this.shown(view)} ${otherImports(this.page.others)}</div>
      </div>`;
  }

  private drop() {
    if (!may.edit) {
      return html`<div class="empty wide">
        ${icon("file")}<strong>Nothing is being imported</strong
        ><span>Recruiters can bring candidates in from a list.</span>
      </div>`;
    }
    const drag = (event: DragEvent, over: boolean) => {
      event.preventDefault();
      this.over = over;
    };
    return html`<label
      class="importdrop ${this.over ? "over" : ""}"
      aria-busy=${this.busy === "bring"}
      @dragover=${(event: DragEvent) => drag(event, true)}
      @dragleave=${(event: DragEvent) => drag(event, false)}
      @drop=${(event: DragEvent) => {
        drag(event, false);
        this.bring(event.dataTransfer?.files[0]);
      }}
    >
      <input
        type="file"
        class="sr"
        accept=".csv,.tsv,.txt,.xlsx"
        @change=${(event: Event) => this.bring((event.target as HTMLInputElement).files?.[0])}
      />
      ${icon("file")}
      <strong>${this.busy === "bring" ? "Bringing the file" : "Drop a list here, or choose one"}</strong>
      <span class="muted"
        >CSV or Excel (.xlsx), up to 20,000 rows and 20 MB. You see what will happen before anything does.</span
      >
      <span class="muted"
        >People whose e-mail address is in this job already are updated, never doubled. Nobody is written to.</span
      >
    </label>`;
  }

  private shown(view: ImportView) {
    const { row } = view;
    switch (row.state) {
      case "reading":
        return html`<div class="card importcard" aria-busy="true">
          ${this.file(view)}
          <p class="muted" role="status">Reading the file and checking every row</p>
          <div class="importbar waiting"><i></i></div>
        </div>`;
      case "refused":
        return html`<div class="card importcard">
          ${this.file(view)}
          <p class="notice bad" role="alert">${icon("alert")}<span>${row.refusal}</span></p>
          ${may.edit ? this.reading(view) : nothing} ${this.buttons(view)}
        </div>`;
      case "ready":
        return this.ready(view);
      case "running":
        return this.running(view);
      default:
        return this.ended(view);
    }
  }

  private file({ row }: ImportView) {
    return html`<header class="row">
      ${icon("file")}<b class="cut grow"><bdi>${row.name}</bdi></b>
      <span class="muted nowrap"
        >${row.by.id === me.id ? nothing : html`<bdi>${row.by.name}</bdi>, `}${row.rows ? many(row.rows, "row") : ""}</span
      >
    </header>`;
  }

  private ready(view: ImportView) {
    const { row } = view;
    return html`<div class="card importcard">
      ${this.file(view)} ${may.edit ? this.reading(view) : nothing}
      ${
        view.missing
          ? html`<p class="notice warn" role="status">${icon("alert")}<span>${view.missing}</span></p>`
          : html`<p class="notice info" role="status">${icon("user")}<span>${outcome(row)}</span></p>`
      }
      ${preview(
        view,
        this.wide,
        !may.edit || this.busy !== "",
        this.page.fields,
        (columns) => this.remap({ columns }),
        () => (this.wide = true),
      )}
      ${view.missing ? nothing : faultList(view.faults, row.failed)} ${this.buttons(view)}
    </div>`;
  }

  /** How the file is read, and where its people go. */
  private reading(view: ImportView) {
    const pick = (label: string, options: readonly [string, string][], value: string, set: (value: string) => void) =>
      html`<label class="labelled"
        ><span class="label">${label}</span>
        <select
          class="box"
          ?disabled=${this.busy !== ""}
          @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}
        >
          ${options.map(([key, name]) => html`<option value=${key} ?selected=${key === value}>${name}</option>`)}
        </select></label
      >`;
    const table = view.kind === "csv" || (view.kind === "" && /\.(csv|tsv|txt)$/i.test(view.row.name));
    const encodings = this.page.encodings.map((name): [string, string] => [name, name.toUpperCase()]);
    const stages = this.job.counts.map(([stage]): [string, string] => [stage.id, stage.name]);
    return html`<div class="importhow">
      ${
        table
          ? html`${pick(view.sure ? "Encoding" : "Encoding (a guess)", encodings, view.encoding || "utf-8", (encoding) => this.remap({ encoding, columns: null }))}
            ${pick("Separator", DELIMITERS, view.delimiter || ",", (delimiter) => this.remap({ delimiter, columns: null }))}`
          : nothing
      }
      ${
        view.sheets.length > 1
          ? pick(
              "Sheet",
              view.sheets.map((name, at): [string, string] => [String(at), name]),
              String(view.sheet),
              (at) => this.remap({ sheet: Number(at), columns: null, header: null }),
            )
          : nothing
      }
      ${
        view.kind
          ? html`${pick("Into stage", stages, view.stage ?? stages[0]?.[0] ?? "", (stage) => this.remap({ stage }))}
              <label class="labelled"
                ><span class="label">Source</span>
                <span class="field"
                  ><input
                    maxlength="120"
                    .value=${view.source}
                    ?disabled=${this.busy !== ""}
                    @change=${(event: Event) => this.remap({ source: (event.target as HTMLInputElement).value })}
                /></span>
              </label>
              <label class="tick"
                ><input
                  type="checkbox"
                  .checked=${view.header}
                  ?disabled=${this.busy !== ""}
                  @change=${(event: Event) => this.remap({ header: (event.target as HTMLInputElement).checked })}
                /><span>The first row holds the names of the columns</span></label
              >`
          : nothing
      }
    </div>`;
  }

  private buttons(view: ImportView) {
    const { row } = view;
    if (!may.edit) return nothing;
    const people = row.created + row.updated;
    return html`<footer class="row">
      <button type="button" class="button" ?disabled=${this.busy !== ""} @click=${() => this.cancel(row)}>
        Put the file away
      </button>
      <span class="grow"></span>
      ${
        row.state === "ready"
          ? html`<button
              type="button"
              class="button primary"
              aria-busy=${this.busy === "start"}
              ?disabled=${Boolean(view.missing) || !people || this.busy === "map"}
              @click=${() => this.start(row)}
            >
              Import ${many(people, "candidate")}
            </button>`
          : nothing
      }
    </footer>`;
  }

  private running(view: ImportView) {
    const { row } = view;
    const share = row.rows ? Math.floor((row.done / row.rows) * 100) : 0;
    return html`<div class="card importcard">
      ${this.file(view)}
      <progress class="importprogress" max=${row.rows} .value=${row.done} aria-label="Rows that are done"></progress>
      <p class="row">
        <span class="num grow" role="status"
          >${row.done.toLocaleString("en-GB")} of ${many(row.rows, "row")}, ${share} %</span
        >
        <span class="muted">${outcome(row)}</span>
      </p>
      ${
        may.edit
          ? html`<footer class="row">
              <span class="muted grow"
                >You can leave this page: it goes on, and the bell tells you when it is done.</span
              >
              <button type="button" class="button" aria-busy=${this.busy === "cancel"} @click=${() => this.cancel(row)}>
                Stop here
              </button>
            </footer>`
          : nothing
      }
    </div>`;
  }

  private ended(view: ImportView) {
    const { row } = view;
    const stopped = row.state === "cancelled";
    return html`<div class="card importcard">
      ${this.file(view)}
      <p class="notice ${stopped ? "warn" : "good"}" role="status">
        ${icon(stopped ? "alert" : "check")}<span
          >${told(row)}${stopped ? ". Bring the file again to go on: nobody is added twice." : ""}</span
        >
      </p>
      ${faultList(view.faults, Math.max(row.failed, view.faults.length))}
      <footer class="row">
        ${
          may.edit
            ? html`<button type="button" class="button" @click=${() => (this.again = true)}>
                Import another file
              </button>`
            : nothing
        }
        <span class="grow"></span>
        <a class="button primary" href=${path(`jobs/${this.job.id}`)}>Open the board</a>
      </footer>
    </div>`;
  }
}
