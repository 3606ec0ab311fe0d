/**
 * `<gr-board>`: a job's people in the stages of its flow, live.
 *
 * Cards come with the page and change by events on `job:`. A move is shown at once, sent until the server answers, and
 * taken back with a message when it is refused. Mouse, finger, keyboard (Alt+arrows) and menu (M) all end in `move()`.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { AnyPayload, Board as BoardData, Card, CardChanged, Present, StageView } from "../live/protocol.gen.ts";
import { applyToBoard } from "../live/store.ts";
import { Failure, newKey, send, sentence } from "../lib/api.ts";
import { copyText } from "../lib/copy.ts";
import { pageData } from "../lib/data.ts";
import { declining } from "../lib/declining.ts";
import { RestingElement } from "../lib/element.ts";
import { plain, typing } from "../lib/keys.ts";
import { follow, since } from "../lib/live.ts";
import { api, firstName, may, me, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { besides, columns, plainName, stays, stepFrom, type Target } from "../lib/moves.ts";
import { sendMove } from "../lib/moving.ts";
import { faceElement } from "../lib/face-element.ts";
import { many } from "../lib/time.ts";
import { Ticking } from "../lib/ticking.ts";
import { alarm, toast } from "../lib/toast.ts";
import { cardTemplate } from "./card.ts";
import { boardTitle, emptyColumn, searchTools, watchersOf } from "./board-parts.ts";
import { CardDrag } from "./card-drag.ts";

/** Stages whose cards show the first picture of new answers. */
const SHOWS_ANSWERS: ReadonlySet<string> = new Set(["inbox", "questions", "review"]);

@customElement("gr-board")
export class Board extends RestingElement {
  @state() private board: BoardData = pageData<BoardData>();
  @state() private moves = new Map<string, Target>();
  @state() private people: readonly Present[] = [];
  @state() private search = "";
  @state() private current: string | null = null;
  private shown = new Map<string, Card[]>();
  private watchers = new Map<string, Present[]>();
  private keys = new Set<string>();
  private leave: (() => void) | null = null;
  private held: string | null = null;
  private resync = () => this.reload();
  private drag = new CardDrag(
    this,
    (id, place) => this.move(id, place),
    () => may.move,
  );

  constructor() {
    super();
    new Ticking(this);
  }

  private get topic(): string {
    return `job:${this.board.job.id}`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.listen();
    window.addEventListener("keydown", this.shortcut);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
    window.removeEventListener("keydown", this.shortcut);
  }

  // What happened

  /** Follows the job from where the board's data stands. */
  private listen(): void {
    const before = this.leave;
    this.leave = follow(this.topic, {
      ...since(this.topic, this.board),
      state: { view: "board" },
      onEvent: (payload) => this.apply(payload),
      onResync: this.resync,
      onPresence: (people) => this.meet(people),
    });
    before?.();
  }

  private apply(payload: AnyPayload): void {
    if (payload.type === "card") this.changed(payload);
    if (payload.type === "job") this.refresh();
  }

  private changed(payload: CardChanged): void {
    const { card, verb, by, key } = payload;
    const before = this.card(card.id);
    this.board = applyToBoard(this.board, payload);
    if (verb !== "moved" || by?.id === me.id || (key && this.keys.has(key)) || before?.stage === card.stage) return;
    if (this.moves.has(card.id)) return; // the answer to our own move says who was first
    const stage = this.stage(card.stage);
    if (by && stage) {
      toast(`${firstName(by.name)} moved **${shortName(card.name)}** to ${shortName(stage.name)}`, {
        before: faceElement(by.id, by.colour),
        name: `moved-${card.id}`,
      });
    }
  }

  private card(id: string): Card | undefined {
    return this.board.cards.find((card) => card.id === id);
  }

  private async reload(): Promise<BoardData> {
    const board = await send<BoardData>("GET", api(`jobs/${this.board.job.id}/board`));
    this.board = board;
    return board;
  }

  /** Events that the fetched data does not hold yet, though we had them already, are asked for again. */
  private refresh(): void {
    this.reload().then(
      () => this.isConnected && this.listen(),
      () => undefined,
    );
  }

  private meet(people: readonly Present[]): void {
    this.people = people;
    this.watchers = watchersOf(people);
  }

  // Moving

  private stage(id: string): StageView | undefined {
    return this.board.stages.find((stage) => stage.id === id);
  }

  /** Shows the move at once; it stands there until it is answered, through every outage. */
  private move(id: string, target: Target): void {
    const card = this.card(id);
    if (!card || !may.move || stays(this.shown, card, target)) return;
    this.moves = new Map(this.moves).set(id, target);
    this.current = id;
    void this.updateComplete.then(() => this.announce(id));
    void this.bring(card, target);
  }

  private async bring(card: Card, target: Target): Promise<void> {
    const declines = target.stage !== card.stage && this.stage(target.stage)?.kind === "declined";
    // The card stands where it was put while the question is open, and goes back on "Cancel".
    const said = declines ? await declining(card) : { message: "" };
    if (!said) return this.settle(card.id, target);
    const key = newKey();
    this.keys.add(key);
    try {
      const wanted = () => this.moves.get(card.id) === target; // else a later move has taken this one's place
      const moved = await sendMove({ card, target, key, wanted, ...said });
      if (moved) this.board = applyToBoard(this.board, { type: "application", card: moved, by: null, key });
    } catch (error) {
      if (this.moves.get(card.id) === target) this.refuse(card, error);
    } finally {
      this.settle(card.id, target);
    }
  }

  private settle(id: string, target: Target): void {
    if (this.moves.get(id) !== target) return;
    const moves = new Map(this.moves);
    moves.delete(id);
    this.moves = moves;
  }

  private refuse(card: Card, error: unknown): void {
    const code = error instanceof Failure ? error.code : "";
    const words = `**${shortName(card.name)}** is back where it was. ${sentence(error)}`;
    if (code === "moved_meanwhile") toast(sentence(error), { name: `refused-${card.id}`, stays: 12_000 });
    else alarm(words, { name: `refused-${card.id}` });
    this.say(`${card.name} was not moved. ${sentence(error)}`);
    if (error instanceof Failure && [404, 409].includes(error.status)) this.refresh();
  }

  /** Tells where the card went, and keeps the focus on it: Lit makes a new place for a card that changes its column. */
  private announce(id: string): void {
    const card = this.card(id);
    const target = this.moves.get(id);
    if (!card || !target) return;
    const list = this.shown.get(target.stage) ?? [];
    const place = list.findIndex((other) => other.id === id) + 1;
    this.say(`${card.name} moved to ${this.stage(target.stage)?.name ?? ""}, ${place} of ${list.length}`);
    this.focusCard(id);
  }

  private say(words: string): void {
    const region = this.find("[aria-live]");
    if (region) region.textContent = words;
  }

  private focusCard(id: string): void {
    this.current = id;
    void this.updateComplete.then(() => {
      const link = this.find<HTMLElement>(`[data-card="${id}"] a`);
      link?.focus({ preventScroll: true });
      link?.closest("[data-card]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  // Keyboard and menu

  private shortcut = (event: KeyboardEvent): void => {
    if (event.key === "/" && plain(event) && !typing(event)) {
      event.preventDefault();
      this.find<HTMLInputElement>("input[type=search]")?.focus();
    }
  };

  private keydown(event: KeyboardEvent): void {
    const element = (event.target as Element).closest<HTMLElement>("[data-card]");
    const card = element && this.card(element.dataset["card"]!);
    if (!card || !element) return;
    if (event.altKey && event.key.startsWith("Arrow")) {
      event.preventDefault();
      const target = besides(this.board.stages, this.shown, card.id, event.key);
      if (target) this.move(card.id, target);
    } else if (plain(event) && /^(Arrow|Home$|End$)/.test(event.key)) {
      const next = stepFrom(this.board.stages, this.shown, card.id, event.key);
      event.preventDefault();
      if (next) this.focusCard(next);
    } else if (plain(event) && event.key.toLowerCase() === "m" && may.move) {
      event.preventDefault();
      this.chooseStage(card, element);
    }
  }

  private chooseStage(card: Card, element: HTMLElement): void {
    const anchor = element.querySelector<HTMLElement>(".mover") ?? element;
    const now = this.moves.get(card.id)?.stage ?? card.stage;
    const choices = this.board.stages.map((stage) => ({
      label: stage.name,
      colour: stage.colour,
      checked: stage.id === now,
      apart: stage.kind === "declined",
      run: () => this.move(card.id, { stage: stage.id, before: this.shown.get(stage.id)?.[0]?.id ?? null }),
    }));
    void openMenu(anchor, `Move ${shortName(card.name)} to`, choices);
  }

  private clicked(event: Event): void {
    const mover = (event.target as Element).closest<HTMLElement>(".mover");
    const element = mover?.closest<HTMLElement>("[data-card]");
    const card = element && this.card(element.dataset["card"]!);
    if (card) this.chooseStage(card, element);
  }

  private focused(event: FocusEvent): void {
    const id = (event.target as Element).closest<HTMLElement>("[data-card]")?.dataset["card"];
    if (id) this.current = id;
  }

  // Drawing

  protected override updated(): void {
    this.keepFocus();
    const count = document.querySelector(`#nav-jobs [data-job="${this.board.job.id}"] .num`);
    if (count) count.textContent = String(this.board.cards.length);
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
    const wanted = plainName(this.search.trim());
    const cards = wanted ? this.board.cards.filter((card) => plainName(card.name).includes(wanted)) : this.board.cards;
    this.shown = columns(this.board.stages, cards, this.moves);
    const visible =
      this.current && [...this.shown.values()].some((list) => list.some((card) => card.id === this.current));
    if (!visible) this.current = [...this.shown.values()].find((list) => list.length)?.[0]?.id ?? null;
  }

  protected override render() {
    const now = Date.now();
    return html`
      ${this.heading()}
      <div
        class="board"
        role="group"
        aria-label="Stages"
        @keydown=${this.keydown}
        @click=${this.clicked}
        @focusin=${this.focused}
      >
        ${this.board.stages.map((stage, index) => this.column(stage, index, now))}
      </div>
      <div class="sr" aria-live="polite"></div>
    `;
  }

  private heading() {
    return html`<header class="head">
      ${boardTitle(this.board, this.people, () => void this.share())}
      ${searchTools(
        this.search,
        this.found(),
        (words) => (this.search = words),
        () => this.current && this.focusCard(this.current),
      )}
    </header>`;
  }

  private found(): number {
    return [...this.shown.values()].reduce((sum, list) => sum + list.length, 0);
  }

  private async share(): Promise<void> {
    try {
      const job = await send<{ public_url: string }>("GET", api(`jobs/${this.board.job.id}`));
      await copyText(job.public_url, "Link copied. Candidates need no account.");
    } catch (error) {
      alarm(sentence(error));
    }
  }

  private column(stage: StageView, index: number, now: number) {
    const list = this.shown.get(stage.id) ?? [];
    const place = this.drag.place?.stage === stage.id ? this.drag.place : null;
    const items: (Card | null)[] = [...list];
    if (place && this.drag.id && this.worthAGap(list, place)) {
      const at = place.before === null ? -1 : list.findIndex((card) => card.id === place.before);
      items.splice(at < 0 ? items.length : at, 0, null);
    }
    const apart = stage.kind === "declined";
    return html`<section
      class="column c${stage.colour} ${apart ? "apart" : ""} ${place ? "aimed" : ""}"
      data-stage=${stage.id}
      aria-labelledby="stage-${index}"
    >
      <header>
        <span class="dot"></span>
        <h2 class="cut" id="stage-${index}">${stage.name}</h2>
        <span class="num muted" aria-label=${many(list.length, "candidate")}>${list.length}</span>
      </header>
      <ol data-column=${stage.id}>
        ${repeat(
          items,
          (card) => card?.id ?? "gap",
          (card) => (card ? this.cardOf(card, stage, now) : html`<li class="slot" aria-hidden="true"></li>`),
        )}
        ${items.length ? nothing : this.search.trim() ? nothing : emptyColumn(stage)}
      </ol>
    </section>`;
  }

  /** No gap right beside the card's own place: dropping there would change nothing. */
  private worthAGap(list: readonly Card[], place: Target): boolean {
    const at = list.findIndex((card) => card.id === this.drag.id);
    return at < 0 || (list[at + 1]?.id ?? null) !== place.before;
  }

  private cardOf(card: Card, stage: StageView, now: number) {
    const look = {
      current: card.id === this.current,
      lifted: this.drag.id === card.id,
      pending: this.moves.has(card.id),
      watchers: this.watchers.get(card.id) ?? [],
      movable: may.move,
      strip: SHOWS_ANSWERS.has(stage.kind),
      now,
    };
    const minute = Math.floor(now / 60_000);
    return guard([card, look.current, look.lifted, look.pending, look.watchers.length, look.strip, minute], () =>
      cardTemplate(card, look),
    );
  }
}
