/**
 * `<gr-board>`: a job's people in the stages of its flow, live.
 *
 * The first cards come with the page and change by events on `job:`; more of a column is loaded and drawn as somebody
 * scrolls, so that neither grows with the job. Mouse, finger, keyboard (Alt+arrows) and menu (M) all end in `move()`.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Board as BoardData, Card, JobRow, Present, SavedView, StageView } from "../live/protocol.gen.ts";
import { offerActions } from "../lib/actions.ts";
import { pageData } from "../lib/data.ts";
import { asked, ME, stagesOf, textOf, toggledMine } from "../lib/filters.ts";
import { RestingElement } from "../lib/element.ts";
import { bringIcons } from "../lib/icons.ts";
import { may } from "../lib/me.ts";
import { besidesOthers, counts, inOrder, stays, type Target } from "../lib/moves.ts";
import { itemsOf } from "../lib/rows.ts";
import { properties } from "../lib/style.ts";
import { many } from "../lib/time.ts";
import { offer } from "../lib/shortcuts.ts";
import { Ticking } from "../lib/ticking.ts";
import { cardTemplate, pictured, showsAnswers } from "./card.ts";
import { boardHints, boardTitle, emptyColumn, nobodyFits, watchersOf } from "./board-parts.ts";
import { filterTools } from "./board-filters.ts";
import { BoardFeed } from "./board-feed.ts";
import { BoardFolds } from "./board-folds.ts";
import { BoardGhosts } from "./board-ghosts.ts";
import { boardActions } from "./board-actions.ts";
import { BoardKeys } from "./board-keys.ts";
import { BoardMoves } from "./board-moves.ts";
import { tellNews } from "./board-news.ts";
import { BoardPanels } from "./board-panels.ts";
import { BoardRows } from "./board-rows.ts";
import { BoardSelection } from "./board-selection.ts";
import { CardDrag } from "./card-drag.ts";
import { openTeam } from "./team-picker.ts";
import { viewsRow } from "./views.ts";

@customElement("gr-board")
export class Board extends RestingElement {
  @state() private people: readonly Present[] = [];
  @state() private query = asked();
  @state() private current: string | null = null;
  private readonly views = pageData<SavedView[]>("views");
  shown = new Map<string, Card[]>();
  count = new Map<string, number>();
  private lists = new Map<string, { list: Card[]; count: number; keep: number[] }>();
  private watchers = new Map<string, Present[]>();
  private held: string | null = null;
  private sought = "";
  private feed = new BoardFeed(pageData<BoardData>(), this.query, {
    changed: (payload) => {
      if (payload) tellNews(payload, this.moves, (id) => this.stage(id));
      this.panels.heard(payload);
      this.requestUpdate();
    },
    present: (people) => {
      this.people = people;
      this.watchers = watchersOf(people);
      this.ghosts.present(people);
    },
    hands: (hands) => this.ghosts.show(hands),
  });
  private moves = new BoardMoves(this);
  private keys = new BoardKeys(this);
  private folds = new BoardFolds(this.board.job.id, () => this.requestUpdate());
  readonly selection = new BoardSelection(this);
  readonly panels = new BoardPanels({
    selection: this.selection,
    moves: this.moves,
    job: () => this.job(),
    people: () => this.board.people,
    card: (id) => this.card(id),
    stage: (id) => this.stage(id),
    next: (card, key) => this.keys.next(card, key),
    show: (id, focus) => this.focusCard(id, focus),
    changed: (cards, key) => cards.forEach((card) => this.moved(card, key)),
    tell: (doing) => this.feed.tell(doing),
    say: (words) => this.say(words),
  });
  private drag = new CardDrag(
    this,
    (id, place) => (this.selection.has(id) ? this.moveAll(this.selection.ids, place) : this.move(id, place)),
    () => may.move,
    (hold) => this.ghosts.held(hold),
  );
  private rows = new BoardRows(
    this,
    (card) => this.strip(card.stage) && pictured(card),
    (stage, cards) => void this.feed.more(stage, cards),
    () => this.lists,
  );
  private ghosts = new BoardGhosts(this, (stage, at) => this.rows.offset(stage, at));

  private unoffer: (() => void)[] = [];

  constructor() {
    super();
    new Ticking(this);
  }

  private get board(): BoardData {
    return this.feed.board;
  }

  /** The columns that are shown, and those of them that are not folded away. */
  private get columns(): StageView[] {
    return stagesOf(this.feed.narrowed, this.board.stages);
  }

  get stages(): StageView[] {
    return this.columns.filter((stage) => !this.folds.has(stage.id));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.feed.start();
    void bringIcons();
    this.unoffer = [offer(this.keys.shortcuts()), offerActions(() => boardActions(this.board.job, this))];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.feed.stop();
    for (const take of this.unoffer) take();
  }

  // What happened

  job(): JobRow {
    return this.board.job;
  }

  card(id: string): Card | undefined {
    return this.board.cards.find((card) => card.id === id);
  }

  stageOf(card: Card): string {
    return this.moves.pending.get(card.id)?.stage ?? card.stage;
  }

  allStages(): readonly StageView[] {
    return this.board.stages;
  }

  more(stage: string, cards?: number): Promise<void> {
    return this.feed.more(stage, cards);
  }

  undo(): void {
    this.moves.undo();
  }

  stage(id: string): StageView | undefined {
    return this.board.stages.find((stage) => stage.id === id);
  }

  moved(card: Card, key: string): void {
    this.feed.apply({ type: "application", card, by: null, key });
  }

  refresh(): Promise<void> {
    return this.feed.refresh();
  }

  say(words: string): void {
    const region = this.lastElementChild; // of thousands, and the last one
    if (region) region.textContent = words;
  }

  // Moving

  move(id: string, target: Target): void {
    const card = this.card(id);
    if (!card || !may.move || stays(this.shown, card, target)) return;
    this.current = id;
    this.moves.make([{ card, target, back: this.placeOf(card) }]);
    void this.updateComplete.then(() => this.announce(id));
  }

  /** Several cards, in this order, to one place; where that is behind somebody, each behind the last one. */
  moveAll(ids: readonly string[], target: Target): void {
    const cards = ids.flatMap((id) => this.card(id) ?? []);
    if (!cards.length || !may.move) return;
    const there = this.shown.get(target.stage) ?? [];
    const from = there.findIndex((card) => card.id === target.before);
    const before = from < 0 ? null : (there.slice(from).find((card) => !ids.includes(card.id))?.id ?? null);
    const to = (at: number) => ({ ...target, before, after: target.after && (cards[at - 1]?.id ?? target.after) });
    const steps = cards.map((card, at) => ({ card, target: to(at), back: this.placeOf(card, ids) }));
    this.moves.make(steps, ids);
    this.selection.clear();
    this.say(`${many(cards.length, "candidate")} moved to ${this.stage(target.stage)?.name ?? ""}`);
    this.focusCard(cards[0]!.id);
  }

  /** Where a card stands now. */
  private placeOf(card: Card, beside: readonly string[] = []): Target {
    const stage = this.stageOf(card);
    return besidesOthers(stage, this.shown.get(stage) ?? [], card.id, beside);
  }

  /** Tells where the card went, and keeps the focus on it: Lit makes a new place for a card that changes its column. */
  private announce(id: string): void {
    const card = this.card(id);
    const target = this.moves.pending.get(id);
    if (!card || !target) return;
    const place = (this.shown.get(target.stage) ?? []).findIndex((other) => other.id === id) + 1;
    const of = this.count.get(target.stage) ?? place;
    const at = (target.before ?? target.after) ? place : of;
    this.say(`${card.name} moved to ${this.stage(target.stage)?.name ?? ""}, ${at} of ${of}`);
    this.focusCard(id);
  }

  /** The current card is always drawn, wherever its column is scrolled to. */
  focusCard(id: string, focus = true): void {
    this.current = id;
    void this.updateComplete.then(() => {
      const link = this.find<HTMLElement>(`[data-card="${id}"] a`);
      if (focus) link?.focus({ preventScroll: true });
      link?.closest("[data-card]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  private clicked(event: MouseEvent): void {
    const mover = (event.target as Element).closest<HTMLElement>(".mover");
    const element = (event.target as Element).closest<HTMLElement>("[data-card]");
    const card = element && this.card(element.dataset["card"]!);
    if (!card || !element) return;
    if (mover) return this.keys.chooseStage(card, element);
    const chooses = event.shiftKey || this.selection.size > 0;
    if (!may.move || !chooses || event.ctrlKey || event.metaKey || event.detail === 0) return; // 0: the Enter key
    event.preventDefault();
    if (event.shiftKey) this.selection.extend(card.id);
    else this.selection.toggle(card.id);
  }

  private focused(event: FocusEvent): void {
    const id = (event.target as Element).closest<HTMLElement>("[data-card]")?.dataset["card"];
    if (id) this.current = id;
  }

  chooseTeam(card: Card, anchor: HTMLElement): void {
    void openTeam(anchor, card, (changed) =>
      this.feed.apply({ type: "application", card: changed, by: null, key: null }),
    );
  }

  toggleMine(): void {
    this.narrow(toggledMine(this.query, ME));
  }

  focusSearch(): void {
    this.find<HTMLInputElement>("input[type=search]")?.focus();
  }

  // Drawing

  protected override updated(): void {
    this.keepFocus();
    // A phone shows one stage at a time: what was looked for comes into sight. Elsewhere no keystroke waits for that.
    if (this.feed.narrowed !== this.sought && this.current && innerWidth <= 760) this.focusCard(this.current, false);
    this.sought = this.feed.narrowed;
    void this.panels.score(this, this.board.cards);
    void this.panels.find(this, (this.dataset["found"] = textOf(this.feed.narrowed)));
    const count = document.querySelector(`#nav-jobs [data-job="${this.board.job.id}"] .num`);
    if (count) count.textContent = String(this.board.job.people);
  }

  /** A card that is put elsewhere in the document loses the focus; whoever moved it, the focus stays on it. */
  private keepFocus(): void {
    const { held } = this;
    this.held = null;
    if (!held || this.contains(document.activeElement)) return;
    this.find<HTMLElement>(`[data-card="${held}"] a`)?.focus({ preventScroll: true });
  }

  protected override willUpdate(): void {
    const focused = document.activeElement?.closest<HTMLElement>("[data-card]");
    this.held = focused && this.contains(focused) ? focused.dataset["card"]! : null;
    const { columns, cards } = this.board;
    this.shown = inOrder(columns, cards, this.moves.pending);
    this.count = counts(columns, cards, this.moves.pending);
    this.selection.keepShown();
    const seen = this.stages.map((stage) => this.shown.get(stage.id) ?? []);
    const visible = this.current && seen.some((list) => list.some((card) => card.id === this.current));
    if (!visible) this.current = seen.find((list) => list.length)?.[0]?.id ?? null;
    this.lists = new Map([...this.shown].map(([stage, list]) => [stage, this.listOf(stage, list)]));
  }

  /** What must stay in the document: what Tab reaches, and what is being dragged. */
  private listOf(stage: string, list: Card[]) {
    const keep = [this.current, this.drag.id].map((id) => (id ? list.findIndex((card) => card.id === id) : -1));
    return { list, count: this.count.get(stage) ?? list.length, keep };
  }

  protected override render() {
    const now = Date.now();
    return html`
      ${this.heading()}
      <div class="board" role="group" aria-label="Stages" @click=${this.clicked} @focusin=${this.focused}>
        ${this.columns.map((stage, index) => this.column(stage, index, now))}
      </div>
      ${this.selection.bar()}
      <div class="sr" aria-live="polite"></div>
    `;
  }

  private heading() {
    return html`<header class="head">
      ${boardTitle(this.board, this.people, () => void this.panels.activity())}
      ${viewsRow(this.board.job, "board", this.query, this.views, (query) => this.narrow(query))}
      ${filterTools({
        query: this.query,
        stages: this.board.stages,
        team: this.board.people,
        choices: null,
        job: this.board.job.id,
        redraw: () => this.requestUpdate(),
        found: this.board.filtered ? this.found() : null,
        similar: this.board.similar,
        set: (query) => this.narrow(query),
        go: () => this.current && this.focusCard(this.current),
        end: boardHints(),
      })}
    </header>`;
  }

  private found(): number {
    return [...this.count.values()].reduce((sum, count) => sum + count, 0);
  }

  /** What is asked for stands in the address: it can be sent to somebody, and comes back with the page. */
  private narrow(query: string): void {
    this.query = query;
    history.replaceState(history.state, "", query ? `?${query}` : location.pathname);
    this.feed.narrow(query);
  }

  private column(stage: StageView, index: number, now: number) {
    const { list, count } = this.lists.get(stage.id) ?? { list: [], count: 0 };
    const place = this.drag.place?.stage === stage.id ? this.drag.place : null;
    const apart = stage.kind === "declined";
    const folded = this.folds.has(stage.id);
    return html`<section
      class="column c${stage.colour} ${apart ? "apart" : ""} ${place ? "aimed" : ""} ${folded ? "folded" : ""}"
      data-stage=${stage.id}
      aria-labelledby="stage-${index}"
    >
      ${this.folds.heading(stage, index, count)}
      <ol data-column=${stage.id}>
        ${folded ? nothing : this.content(stage, list, count, place, now)}
      </ol>
    </section>`;
  }

  private content(stage: StageView, list: readonly Card[], count: number, place: Target | null, now: number) {
    const { pieces, rest } = this.rows.of(stage.id);
    const held = place && this.card(this.drag.id ?? "");
    const gap = held && !stays(this.shown, held, place); // none where dropping it would change nothing
    const items = itemsOf(pieces, rest, gap ? list.findIndex((card) => card.id === place.before) : null);
    if (!items.length) return this.board.filtered ? nobodyFits(stage, this) : emptyColumn(stage, this.board.job.state);
    return repeat(
      items,
      (item) => (item === null ? "slot" : typeof item === "number" ? list[item]!.id : item.key),
      (item) => {
        if (item === null) return html`<li class="slot" aria-hidden="true"></li>`;
        if (typeof item === "number") return this.cardOf(list[item]!, stage, item + 1, count, now);
        return html`<li class="unseen" aria-hidden="true" ${properties({ height: `${item.gap - 8}px` })}></li>`;
      },
    );
  }

  private strip(stage: string): boolean {
    return showsAnswers(this.stage(stage)?.kind);
  }

  private cardOf(card: Card, stage: StageView, place: number, places: number, now: number) {
    const look = {
      current: card.id === this.current,
      lifted: this.drag.id === card.id,
      pending: this.moves.pending.has(card.id),
      selected: this.selection.has(card.id),
      watchers: this.watchers.get(card.id) ?? [],
      movable: may.move,
      strip: showsAnswers(stage.kind),
      found: this.panels.found.get(card.id),
      score: this.panels.scores.get(card.id),
      people: this.board.people,
      place,
      places,
      now,
    };
    const minute = Math.floor(now / 60_000);
    const { now: _now, people: _people, watchers, ...drawn } = look;
    return guard([card, minute, watchers.length, ...Object.values(drawn)], () => cardTemplate(card, look));
  }
}
