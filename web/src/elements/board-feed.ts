/**
 * A board's data: what came with the page, the events since, and more cards of a column as somebody scrolls.
 *
 * A further page is read later than the board. It is put in when the events up to its position have been heard, so that
 * every change is counted once; what is heard of its cards meanwhile is newer than they and stays.
 */
import type { Hand } from "../live/presence.ts";
import type { AnyPayload, Board, CardPage, Column, Doing, Present } from "../live/protocol.gen.ts";
import { addPage, applyToBoard, forgetBeyond } from "../live/store.ts";
import { send } from "../lib/api.ts";
import { follow, since, tellDoing } from "../lib/live.ts";
import { api } from "../lib/me.ts";

const PAGE = 40; // cards
const MOST = 500; // cards of one request, as the server has it
const AGAIN_MS = 500; // after something happened, a filtered board is read again so much later
const HEARD = 400; // cards beyond what is loaded that are kept
const PATIENCE_MS = 3000; // a page waits so long for its events

interface Listener {
  /** The board is another now; `payload`: because of this event. */
  changed(payload: AnyPayload | null): void;
  present(people: readonly Present[]): void;
  /** What others drag just now. */
  hands(hands: readonly Hand[]): void;
}

export class BoardFeed {
  board: Board;
  private readonly listener: Listener;
  private seq: number;
  private leave: (() => void) | null = null;
  private waiting: { page: CardPage; done: () => void }[] = [];
  private loading = new Map<string, Promise<void>>();
  private resync = () => this.reload();
  private narrowing: Promise<void> | null = null;
  private again = 0;
  private asked = 0; // how often everything was read
  private doing: Doing = { view: "board" };
  private held = 0; // which of these times is shown
  /** What the board is narrowed to, as the address says it: the one wanted, and the one that `board` is of. */
  private wanted: string;
  narrowed: string;

  constructor(first: Board, wanted: string, listener: Listener) {
    this.board = first;
    this.wanted = this.narrowed = wanted;
    this.listener = listener;
    this.seq = first.positions[this.topic] ?? 0;
  }

  get topic(): string {
    return `job:${this.board.job.id}`;
  }

  /** Follows the job from where the board's data stands. */
  start(): void {
    const before = this.leave;
    this.leave = follow(this.topic, {
      ...since(this.topic, this.board),
      state: this.doing,
      onEvent: (payload, seq) => this.hear(payload, seq),
      onResync: this.resync,
      onPresence: (people) => this.listener.present(people),
      onHands: (hands) => this.listener.hands(hands),
    });
    before?.();
  }

  /** What colleagues see that I do here. */
  tell(doing: Doing): void {
    this.doing = doing;
    tellDoing(this.topic, doing);
  }

  stop(): void {
    this.leave?.();
    this.leave = null;
  }

  /** What the server told, by event or as the reply to a request of ours. */
  apply(payload: AnyPayload): void {
    this.set(applyToBoard(this.board, payload), payload);
  }

  /** Reads everything anew. Events that the data does not hold yet, though we had them already, are asked for again. */
  async refresh(): Promise<void> {
    try {
      await this.reload();
      if (this.leave) this.start();
    } catch {
      // An outage: what the socket tells when it is back is applied to what there is.
    }
  }

  column(stage: string): Column | undefined {
    return this.board.columns.find((column) => column.stage === stage);
  }

  /** Loads more of a column, `cards` or a page of them; resolves when they are there, or could not be had. */
  more(stage: string, cards = PAGE): Promise<void> {
    const end = this.column(stage)?.end;
    if (!end) return Promise.resolve();
    const under = this.loading.get(stage);
    if (under) return under;
    const { held } = this;
    const limit = Math.min(MOST, Math.max(PAGE, cards));
    const query = new URLSearchParams(this.narrowed);
    for (const [name, value] of Object.entries({ rank: end.rank, after: end.id, limit })) query.set(name, `${value}`);
    const loading = send<CardPage>("GET", `${api(`jobs/${this.board.job.id}/stages/${stage}/cards`)}?${query}`)
      .then((page) => this.heardUpTo(page))
      // Read before the board was read anew, it knows nothing of what that one has not heard of either.
      .then((page) => page && this.held === held && this.set(addPage(this.board, page), null))
      .catch(() => new Promise((rest) => setTimeout(rest, PATIENCE_MS))) // an outage: asked again when still looked at
      .then(() => {
        this.loading.delete(stage);
        if (this.held !== held) this.listener.changed(null);
      });
    this.loading.set(stage, loading);
    return loading;
  }

  /** Narrows the board to what the address's words say; of many wishes in a row, the last one counts. */
  narrow(wanted: string): void {
    this.wanted = wanted;
    this.narrowing ??= this.catchUp().finally(() => (this.narrowing = null));
  }

  private async catchUp(): Promise<void> {
    while (this.leave && this.narrowed !== this.wanted) {
      try {
        await this.reload();
        this.start();
      } catch {
        await new Promise((rest) => setTimeout(rest, PATIENCE_MS));
      }
    }
  }

  private hear(payload: AnyPayload, seq: number): void {
    this.seq = seq;
    if (payload.type === "job") void this.refresh();
    else this.apply(payload);
    // Who belongs to a filtered board is for the server to say, soon and not for every event by itself.
    if (this.board.filtered) this.again ||= window.setTimeout(() => void this.refresh(), AGAIN_MS);
    const ready = this.waiting.filter(({ page }) => this.reached(page));
    for (const { done } of ready) done();
  }

  private reached(page: CardPage): boolean {
    return this.seq >= (page.positions[this.topic] ?? 0);
  }

  /** The page, once its events were heard; nothing when they do not come: then the board is read anew. */
  private async heardUpTo(page: CardPage): Promise<CardPage | null> {
    if (page.epoch !== this.board.epoch) return null; // another history: the socket is about to say so
    if (this.reached(page)) return page;
    let entry: (typeof this.waiting)[number] | undefined;
    const patience = new Promise<void>((done) => {
      this.waiting.push((entry = { page, done }));
      setTimeout(done, PATIENCE_MS);
    });
    await patience;
    this.waiting = this.waiting.filter((other) => other !== entry);
    if (this.reached(page)) return page;
    void this.refresh();
    return null;
  }

  private async reload(): Promise<Board> {
    clearTimeout(this.again);
    this.again = 0;
    const { wanted } = this;
    const asked = ++this.asked;
    const query = new URLSearchParams(wanted);
    const same = wanted === this.narrowed;
    for (const [stage, depth] of same ? this.depths() : []) query.append("depth", `${stage}:${depth}`);
    const board = await send<Board>("GET", `${api(`jobs/${this.board.job.id}/board`)}?${query}`);
    if (this.held > asked) return this.board; // what was asked for later came first
    this.held = asked;
    this.narrowed = wanted;
    this.seq = board.positions[this.topic] ?? 0;
    this.set(board, null);
    return board;
  }

  /** How much of every column is loaded. */
  private depths(): Map<string, number> {
    const depths = new Map<string, number>();
    for (const { stage } of forgetBeyond(this.board, 0).cards) depths.set(stage, (depths.get(stage) ?? 0) + 1);
    return depths;
  }

  private set(board: Board, payload: AnyPayload | null): void {
    this.board = this.loading.size ? board : forgetBeyond(board, HEARD);
    this.listener.changed(payload);
  }
}
