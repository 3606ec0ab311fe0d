/**
 * `<gr-views>`: board or list, and the views that people keep of them. A view is an address; opening one changes the
 * address, and what somebody then changes is theirs until they save it.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AnyPayload, JobRow, Layout, SavedView } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { unfiltered, withWord } from "../lib/filters.ts";
import { icon } from "../lib/icons.ts";
import { follow } from "../lib/live.ts";
import { api, may, me, path } from "../lib/me.ts";
import { openMenu, type Choice } from "../lib/menu.ts";
import { alarm, toast } from "../lib/toast.ts";

/** The address of a board or a list that shows what the words say. */
export function addressOf(job: string, layout: Layout, query: string): string {
  return path(`jobs/${job}${layout === "list" ? "/list" : ""}${query ? `?${query}` : ""}`);
}

@customElement("gr-views")
export class Views extends LightElement {
  @property({ attribute: false }) job: JobRow | null = null;
  @property({ attribute: false }) layout: Layout = "board";
  @property({ attribute: false }) query = "";
  /** The views that the page knows; handed in again, they do not overrule what was heard since. */
  @property({ attribute: false }) known: readonly SavedView[] = [];
  /** Show what these words say, on this page. */
  @property({ attribute: false }) show: (query: string) => void = () => undefined;
  @state() private views: readonly SavedView[] = [];
  private leaves: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const follower = {
      onEvent: (payload: AnyPayload) => void (payload.type === "views" && this.fetch()),
      onResync: () => this.fetch(),
    };
    this.leaves = [`workspace:${me.workspace}`, `member:${me.id}`].map((topic) => follow(topic, follower));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leaves) leave();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("known")) this.views = this.known;
  }

  private async fetch(): Promise<void> {
    try {
      if (this.job) this.views = await send<SavedView[]>("GET", api(`jobs/${this.job.id}/views`));
    } catch {
      // An outage: what is there stays, and the socket says when it is back.
    }
  }

  private get current(): SavedView | undefined {
    const id = new URLSearchParams(this.query).get("view");
    return this.views.find((view) => view.id === id);
  }

  /** The words without the mark of a view, as a view keeps them. */
  private get words(): string {
    return withWord(this.query, "view", null);
  }

  private get changed(): boolean {
    const { current } = this;
    return (
      Boolean(current) && (withWord(current!.query, "view", null) !== this.words || current!.layout !== this.layout)
    );
  }

  private open(event: MouseEvent, view: SavedView | null): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (view && view.layout !== this.layout) return; // another page: the link leads there
    event.preventDefault();
    this.show(view ? withWord(view.query, "view", view.id) : "");
  }

  private async save(): Promise<void> {
    const { job } = this;
    if (!job) return;
    const staged = new URLSearchParams(this.words).has("stage");
    const { askView } = await import("./views-dialog.ts");
    const made = await askView("Keep this view", { name: "", shared: false, everywhere: false }, !staged, (form) =>
      send<SavedView>("POST", api(`jobs/${job.id}/views`), { ...form, layout: this.layout, query: this.words }),
    );
    if (!made) return;
    this.put(made);
    this.show(withWord(this.words, "view", made.id));
  }

  private put(view: SavedView): void {
    const at = this.views.findIndex((other) => other.id === view.id);
    this.views = at < 0 ? [...this.views, view] : this.views.with(at, view);
  }

  private async change(view: SavedView, wanted: Partial<SavedView>, words: string): Promise<void> {
    try {
      this.put(await send<SavedView>("PATCH", api(`views/${view.id}`), { version: view.version, ...wanted }));
      toast(words);
    } catch (error) {
      alarm(sentence(error));
      void this.fetch();
    }
  }

  private async drop(view: SavedView): Promise<void> {
    const text = view.shared ? "Everybody in the workspace loses it." : "Nobody else has it.";
    try {
      const { confirmed } = await import("../lib/confirm.ts");
      if (!(await confirmed({ title: `Delete “${view.name}”?`, text, yes: "Delete", danger: true }))) return;
      await send("DELETE", api(`views/${view.id}`));
      this.views = this.views.filter((other) => other.id !== view.id);
      this.show(this.words);
    } catch (error) {
      alarm(sentence(error));
    }
  }

  private async rename(view: SavedView): Promise<void> {
    const { askView } = await import("./views-dialog.ts");
    const changed = await askView("Rename the view", view, false, ({ name }) =>
      send<SavedView>("PATCH", api(`views/${view.id}`), { version: view.version, name }),
    );
    if (changed) this.put(changed);
  }

  private menu(anchor: HTMLElement): void {
    const { current } = this;
    const own = current && (current.shared ? may.edit : true);
    const choices: Choice[] = [];
    const fetched = (does: () => Promise<void>) => () =>
      // its dialog has to be there first
      void does().catch((error: unknown) => alarm(sentence(error)));
    if (current && own && this.changed) {
      const run = () =>
        void this.change(current, { query: this.words, layout: this.layout }, `“${current.name}” is as you see it now`);
      choices.push({ label: `Save changes to “${current.name}”`, icon: "check", run });
    }
    choices.push({ label: "Keep as a new view", icon: "plus", run: fetched(() => this.save()) });
    if (current && own) {
      choices.push({ label: "Rename", icon: "write", apart: true, run: fetched(() => this.rename(current)) });
      if (may.edit) {
        const shared = !current.shared;
        const words = shared ? "Everybody has this view now" : "Only you have this view now";
        const label = shared ? "Share with everybody" : "No longer share";
        choices.push({
          label,
          icon: shared ? "people" : "lock",
          run: () => void this.change(current, { shared }, words),
        });
      }
      choices.push({ label: "Delete", icon: "bin", danger: true, run: () => void this.drop(current) });
    }
    void openMenu(anchor, "View", choices);
  }

  protected override render() {
    const { job, query, layout, current } = this;
    if (!job) return nothing;
    const everyone = !current && !this.words.replace(unfiltered(this.words), "");
    const tab = (to: Layout, label: string, name: string) =>
      html`<a href=${addressOf(job.id, to, query)} aria-current=${layout === to ? "page" : nothing}
        >${icon(name)}<span>${label}</span></a
      >`;
    return html`<nav class="tabs segment" aria-label="Layout">
        ${tab("board", "Board", "board")}${tab("list", "List", "text")}
      </nav>
      <nav class="tabs kept" aria-label="Views">
        <a
          href=${addressOf(job.id, layout, "")}
          aria-current=${everyone ? "true" : nothing}
          @click=${(event: MouseEvent) => this.open(event, null)}
          >Everyone</a
        >
        ${this.views.map(
          (view) =>
            html`<a
              href=${addressOf(job.id, view.layout, withWord(view.query, "view", view.id))}
              aria-current=${view.id === current?.id ? "true" : nothing}
              title=${view.shared ? `Shared by ${view.by.name}` : "Only yours"}
              @click=${(event: MouseEvent) => this.open(event, view)}
              >${view.shared ? nothing : icon("lock")}<span class="cut"><bdi>${view.name}</bdi></span
              >${
                view.id === current?.id && this.changed
                  ? html`<span class="edited" title="Not as it was saved">•<span class="sr">changed</span></span>`
                  : nothing
              }</a
            >`,
        )}
        <button
          type="button"
          aria-haspopup="menu"
          aria-expanded="false"
          aria-label="Keep or change this view"
          title="Keep or change this view"
          @click=${(event: Event) => this.menu(event.currentTarget as HTMLElement)}
        >
          ${icon(current ? "more" : "plus")}
        </button>
      </nav>`;
  }
}

/** The row of a page's heading with the layouts and the views; `show` gets what is to be asked for. */
export function viewsRow(
  job: JobRow,
  layout: Layout,
  query: string,
  views: readonly SavedView[],
  show: (query: string) => void,
): TemplateResult {
  return html`<div class="row lenses">
    <gr-views .job=${job} .layout=${layout} .query=${query} .known=${views} .show=${show}></gr-views>
  </div>`;
}
