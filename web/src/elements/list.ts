/**
 * `<gr-list>`: a job's candidates as a table, live. The database sorts and narrows; what is asked for stands in the
 * address. Only lines near what is seen are in the document, and more are loaded as somebody scrolls.
 */
import { html, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Card, JobRow, ListRow, ListView, Present, StageView } from "../live/protocol.gen.ts";
import { offerActions } from "../lib/actions.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { asked, ME, textOf, toggledMine, withWord } from "../lib/filters.ts";
import { tellDoing } from "../lib/live.ts";
import { may, path } from "../lib/me.ts";
import { standing, type Target } from "../lib/moves.ts";
import { near } from "../lib/rows.ts";
import { offer } from "../lib/shortcuts.ts";
import { Ticking } from "../lib/ticking.ts";
import { many } from "../lib/time.ts";
import { keepWalk } from "../lib/walk.ts";
import { boardActions } from "./board-actions.ts";
import { filterTools } from "./board-filters.ts";
import { BoardMoves } from "./board-moves.ts";
import { tellNews } from "./board-news.ts";
import { boardTitle, FIRST } from "./board-parts.ts";
import { BoardPanels } from "./board-panels.ts";
import { BoardSelection } from "./board-selection.ts";
import { columnsOf, orderOf, type ListColumn } from "./list-columns.ts";
import { fillField, openStages, openTags } from "./list-edit.ts";
import { ListFeed } from "./list-feed.ts";
import { besideOf, placeOf, type Grid, type Place, shortcutsOf } from "./list-keys.ts";
import { headingRow, line, unseen } from "./list-rows.ts";
import { listTools } from "./list-tools.ts";
import { openTeam } from "./team-picker.ts";
import { viewsRow } from "./views.ts";

const ROW = 52; // pixels, as in the styles
const AHEAD = 600; // pixels before the end of what is loaded where more is asked for

@customElement("gr-list")
export class List extends RestingElement implements Grid {
  @state() private people: readonly Present[] = [];
  @state() private query = asked();
  @state() private current: Place | null = null;
  @state() private editing: Place | null = null;
  @state() private top = 0;
  @state() private view = innerHeight;
  shown: ReadonlyMap<string, readonly Card[]> = new Map();
  columns: ListColumn[] = [];
  private held: Place | null = null;
  private feed = new ListFeed(pageData<ListView>(), this.query, {
    changed: (payload) => {
      if (payload) tellNews(payload, this.moves, (id) => this.stage(id));
      this.panels.heard(payload);
      this.requestUpdate();
    },
    present: (people) => (this.people = people),
  });
  private moves = new BoardMoves(this);
  readonly selection = new BoardSelection(this);
  readonly panels = new BoardPanels({
    selection: this.selection,
    moves: this.moves,
    job: () => this.job(),
    people: () => this.feed.view.people,
    card: (id) => this.card(id),
    stage: (id) => this.stage(id),
    next: (card, key) => besideOf(this, card.id, key),
    show: (row, focus) => this.focusCell({ row, column: 0 }, focus),
    changed: (cards) => cards.forEach((card) => this.moved(card)),
    tell: (doing) => tellDoing(`job:${this.job().id}`, doing),
    say: (words) => this.say(words),
  });
  private readonly sizes = new ResizeObserver(([entry]) => (this.view = entry!.contentRect.height));
  private unoffer: (() => void)[] = [];

  constructor() {
    super();
    new Ticking(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.feed.start();
    this.unoffer = [offer(shortcutsOf(this)), offerActions(() => boardActions(this.feed.view.job))];
    addEventListener("pagehide", this.leave);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.feed.stop();
    this.sizes.disconnect();
    for (const take of this.unoffer) take();
    removeEventListener("pagehide", this.leave);
  }

  /** Whoever opens somebody goes on in the order of this list. */
  private leave = (): void => keepWalk(this.feed.rows.map(({ card }) => card));

  // What moves, the selection and keys ask for

  get width(): number {
    return this.columns.length + 1;
  }

  ids(): readonly string[] {
    return this.feed.rows.map((row) => row.card.id);
  }

  load(): Promise<void> {
    return this.feed.load();
  }

  job(): JobRow {
    return this.feed.view.job;
  }

  card(id: string): Card | undefined {
    return this.feed.card(id);
  }

  stage(id: string): StageView | undefined {
    return this.feed.view.stages.find((stage) => stage.id === id);
  }

  allStages(): readonly StageView[] {
    return this.feed.view.stages;
  }

  moved(card: Card): void {
    this.feed.put(card);
    this.feed.soon();
  }

  refresh(): Promise<void> {
    return this.feed.refresh();
  }

  undo(): void {
    this.moves.undo();
  }

  say(words: string): void {
    const region = this.find("[aria-live]");
    if (region) region.textContent = words;
  }

  move(id: string, target: Target): void {
    this.moveAll([id], target, []);
  }

  /** To the end of a stage: a list knows no place within it. `chosen`: who is, again, should it come to nothing. */
  moveAll(ids: readonly string[], { stage }: Target, chosen = ids): void {
    const cards = ids.flatMap((id) => this.card(id) ?? []).filter((card) => this.stageOf(card) !== stage);
    if (!cards.length || !may.move) return;
    const steps = cards.map((card) => ({ card, target: { stage, before: null }, back: this.placeOf(card) }));
    this.moves.make(steps, chosen);
    if (chosen.length) this.selection.clear();
    const who = cards.length === 1 ? cards[0]!.name : many(cards.length, "candidate");
    this.say(`${who} moved to ${this.stage(stage)?.name ?? ""}`);
  }

  /** In the order of stages the next line is the next card; in others the end of the stage stands for its place. */
  private placeOf(card: Card): Target {
    const { narrowed, view } = this.feed;
    const known = !new URLSearchParams(narrowed).has("sort") && !view.page.filtered;
    return standing(known ? this.shown.get("")! : [], card, (other) => this.stageOf(other));
  }

  private stageOf(card: Card): string {
    return this.moves.pending.get(card.id)?.stage ?? card.stage;
  }

  focusSearch(): void {
    this.find<HTMLInputElement>("input[type=search]")?.focus();
  }

  toggleMine(): void {
    this.ask(toggledMine(this.query, ME));
  }

  focusCell(place: Place, focus = true): void {
    this.current = place;
    void this.updateComplete.then(() => {
      const box = this.find(".listing");
      const at = this.ids().indexOf(place.row) * ROW;
      const head = box?.querySelector("thead")?.clientHeight ?? 0;
      if (box && at < box.scrollTop) box.scrollTop = at;
      else if (box && at + ROW + head > box.scrollTop + box.clientHeight)
        box.scrollTop = at + ROW + head - box.clientHeight;
      if (focus) this.cell(place)?.focus({ preventScroll: true });
      this.cell(place)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  private cell({ row, column }: Place): HTMLElement | null {
    return this.find(`[data-row="${row}"] [data-column="${column}"]`);
  }

  /** Opens the candidate, or changes what stands in the cell. */
  act(place: Place, what: "" | "stage" | "owner"): void {
    const row = this.feed.rows.find((one) => one.card.id === place.row);
    const anchor = this.cell(place);
    if (!row || !anchor) return;
    const column = place.column ? this.columns[place.column - 1] : null;
    const wanted = what || (may.move ? column?.edit : "") || "open";
    if (wanted === "open") location.assign(path(`applications/${row.card.id}`));
    else if (wanted === "stage" && what && this.selection.size) this.selection.chooseStage(anchor);
    else if (wanted === "stage")
      openStages(anchor, row.card, this.stageOf(row.card), this.allStages(), (stage) =>
        this.move(row.card.id, { stage, before: null }),
      );
    else if (wanted === "owner") void openTeam(anchor, row.card, (card) => this.moved(card));
    else if (wanted === "tags") this.chooseTags(row, anchor);
    else this.editing = place;
  }

  private chooseTags(row: ListRow, anchor: HTMLElement): void {
    openTags(anchor, row, this.feed.view.choices, (tags, settled) => {
      const card = this.card(row.card.id);
      if (card) this.feed.put({ ...card, tags });
      if (settled) void this.feed.refresh(); // a new word joins what can be chosen
    });
  }

  private async write(row: ListRow, { field }: ListColumn, value: string | null, stay: boolean): Promise<void> {
    const place = this.editing;
    this.editing = null;
    if (stay && place) this.focusCell(place);
    const was = field ? (row.fields[field.id] ?? "") : "";
    if (!field || value === null || value.trim() === was) return;
    this.feed.fill(row.card.id, field.id, value.trim());
    if (!(await fillField(row, field, value))) this.feed.fill(row.card.id, field.id, was);
    this.feed.soon();
  }

  // What is asked for

  /** Other filters, order or columns: they stand in the address. */
  private ask(query: string): void {
    this.query = query;
    history.replaceState(history.state, "", query ? `?${query}` : location.pathname);
    this.feed.narrow(query);
  }

  private sort(name: string): void {
    const order = orderOf(this.query);
    const down = order.name === name && !order.down;
    this.ask(withWord(this.query, "sort", name === "stage" && !down ? null : `${down ? "-" : ""}${name}`));
    const box = this.find(".listing");
    if (box) box.scrollTop = 0;
  }

  private chooseColumns(names: readonly string[]): void {
    this.ask(withWord(this.query, "columns", names.join(",") || null));
  }

  // What is done with the mouse

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const id = target.closest<HTMLElement>("[data-row]")?.dataset["row"];
    if (!id) return;
    if (target.closest(".pick")) {
      if (!target.matches("input")) return;
      if (event.shiftKey) this.selection.extend(id);
      else this.selection.toggle(id);
      return;
    }
    const place = placeOf(target);
    if (!place || target.closest("a, input, select, button")) return;
    if (event.shiftKey && may.move) return this.selection.extend(id);
    this.current = place;
    this.act(place, "");
  }

  private tickAll(on: boolean): void {
    const ids = this.ids();
    this.selection.clear();
    if (!on || !ids.length) return;
    this.selection.toggle(ids[0]!);
    if (ids.length > 1) this.selection.extend(ids.at(-1)!);
  }

  private scrolled(event: Event): void {
    this.top = (event.target as HTMLElement).scrollTop;
  }

  // Drawing

  protected override willUpdate(): void {
    const focused = placeOf(document.activeElement);
    this.held = focused && this.contains(document.activeElement) && !this.editing ? focused : null;
    this.columns = columnsOf(this.query, this.feed.view.fields);
    this.shown = new Map([["", this.feed.rows.map((row) => row.card)]]);
    this.selection.keepShown();
    const there = this.current && this.shown.get("")!.some((card) => card.id === this.current!.row);
    if (!there) this.current = this.feed.rows[0] ? { row: this.feed.rows[0].card.id, column: 0 } : null;
    if (this.current && this.current.column >= this.width) this.current = { ...this.current, column: this.width - 1 };
  }

  protected override firstUpdated(): void {
    this.sizes.observe(this.find(".listing")!);
  }

  protected override updated(changed: PropertyValues): void {
    this.dataset["found"] = textOf(this.feed.narrowed);
    const end = this.feed.rows.length * ROW;
    const wanted = this.top + this.view + AHEAD;
    if (this.feed.more && end < wanted) void this.feed.load(Math.ceil((wanted - end) / ROW));
    if (changed.has("editing") && this.editing) this.find("[data-editor]")?.focus();
    else if (this.held && !this.contains(document.activeElement)) this.cell(this.held)?.focus({ preventScroll: true });
  }

  protected override render() {
    const { view } = this.feed;
    return html`
      <header class="head">
        ${boardTitle(view, this.people, () => void this.panels.activity())}
        ${viewsRow(view.job, "list", this.query, view.views, (query) => this.ask(query))}
        ${filterTools({
          query: this.query,
          stages: view.stages,
          team: view.people,
          choices: view.choices,
          job: view.job.id,
          redraw: () => this.requestUpdate(),
          found: view.page.filtered ? this.feed.count : null,
          similar: view.page.similar,
          set: (query) => this.ask(query),
          go: () => this.current && this.focusCell(this.current),
          end: listTools(view, this.query, this.columns, (names) => this.chooseColumns(names)),
        })}
      </header>
      ${this.table()} ${this.selection.bar()}
      <div class="sr" aria-live="polite"></div>
    `;
  }

  private table() {
    const { rows, count } = this.feed;
    const keep = this.current ? [rows.findIndex((row) => row.card.id === this.current!.row)] : [];
    const pieces = near({ rows: rows.length, height: () => ROW, top: this.top, view: this.view, keep });
    const rest = Math.max(0, count - rows.length) * ROW;
    const { size } = this.selection;
    const ticked = size === 0 ? "none" : size === rows.length ? "all" : "some";
    return html`<div class="listing" @scroll=${this.scrolled}>
      <table
        role="grid"
        class=${textOf(this.feed.narrowed) ? "searched" : ""}
        aria-label="Candidates"
        aria-rowcount=${count + 1}
        aria-multiselectable="true"
        @click=${this.clicked}
        @focusin=${(event: FocusEvent) => (this.current = placeOf(event.target) ?? this.current)}
      >
        <thead>
          ${headingRow(
            this.columns,
            orderOf(this.query),
            ticked,
            (name) => this.sort(name),
            (on) => this.tickAll(on),
          )}
        </thead>
        <tbody>
          ${repeat(
            pieces,
            (piece) => ("at" in piece ? rows[piece.at]!.card.id : `gap ${piece.before}`),
            (piece) => ("at" in piece ? this.line(rows[piece.at]!, piece.at) : unseen(piece.gap, this.width)),
          )}
          ${rest ? unseen(rest, this.width) : nothing}
        </tbody>
      </table>
      ${rows.length ? nothing : this.empty()}
    </div>`;
  }

  private empty() {
    const [title, words] = this.feed.view.page.filtered
      ? ["Nobody fits", "Try fewer letters, or take a filter away."]
      : ["Nobody has applied yet", FIRST[this.feed.view.job.state]];
    return html`<p class="empty"><strong>${title}</strong><span>${words}</span></p>`;
  }

  private line(row: ListRow, at: number) {
    const { view } = this.feed;
    const { id } = row.card;
    return line(row, {
      columns: this.columns,
      stages: view.stages,
      people: view.people,
      stageOf: ({ card }) => this.stageOf(card),
      current: this.current,
      editing: this.editing,
      selected: this.selection.has(id),
      pending: this.moves.pending.has(id),
      place: at + 1,
      now: Date.now(),
      write: (of, column, value, stay) => void this.write(of, column, value, stay),
    });
  }
}
