/**
 * What an event does to what a page shows: pure functions from state and payload to state.
 *
 * The same state and payload give the same result however often it is applied: things are put in by id, a card only
 * when its version is not older than the one known. A payload that does not concern a state gives back the same object,
 * so that `===` tells whether to draw. `stale` says which payloads ask for fetching instead.
 */
import type {
  AnyPayload,
  ApplicationView,
  Board,
  CandidateView,
  Card,
  CardPage,
  Column,
  Inbox,
  JobHearing,
  Notification,
  Spot,
} from "./protocol.gen.ts";

const INBOX_PAGE = 30;

/** `list` with `item` put in by id, at its place or at the end. */
function put<T extends { id: string }>(list: readonly T[], item: T): T[] {
  const at = list.findIndex((other) => other.id === item.id);
  return at < 0 ? [...list, item] : list.with(at, item);
}

/** A card that comes late (an event that was overtaken by a reply) is older than the one known. */
function newer(card: Card, known: Card | undefined): boolean {
  return !known || card.version >= known.version;
}

/** Ranks compare as plain bytes (they are ASCII), ties by id: the same order as the server's. */
export function byRank(one: Spot, other: Spot): number {
  if (one.rank !== other.rank) return one.rank < other.rank ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** Whether a place of the column's stage is among what is loaded of it. */
export function loaded(column: Column, spot: Spot): boolean {
  return column.end === null || byRank(spot, column.end) <= 0;
}

/**
 * A job's board after an event of `job:`.
 *
 * `cards` holds what was loaded and, beyond it, whatever was heard of since: what the column's `end` includes is shown,
 * the rest waits for a page that includes it and may be older. A card that nobody loaded changes counts alone, by the
 * stage that its event says it left. A filtered board keeps up with the cards it has, and is fetched again for others.
 */
export function applyToBoard(board: Board, payload: AnyPayload): Board {
  if (payload.type === "cards") {
    const each = { type: "card", verb: "moved", by: payload.by, key: payload.key } as const;
    return payload.cards.reduce((state, { card, left }) => applyToBoard(state, { ...each, card, left }), board);
  }
  if (payload.type !== "card" && payload.type !== "application") return board;
  const card = payload.card;
  const known = board.cards.find((other) => other.id === card.id);
  if (card.job !== board.job.id || !newer(card, known)) return board;
  if (board.filtered && !known) return board; // whether it belongs here is for the server to say
  const fresh = !known && payload.type === "card" && payload.verb === "applied";
  const told = payload.type === "card" ? (payload.left ?? card.stage) : card.stage;
  const left = known ? known.stage : fresh ? null : told;
  const columns =
    left === card.stage
      ? board.columns
      : board.columns.map((column) => {
          const by = (column.stage === card.stage ? 1 : 0) - (column.stage === left ? 1 : 0);
          return by ? { ...column, count: column.count + by } : column;
        });
  const job = fresh ? { ...board.job, people: board.job.people + 1 } : board.job;
  return { ...board, job, columns, cards: put(board.cards, card) };
}

/** A board with more cards of a column; what was heard of any of them since stays. */
export function addPage(board: Board, page: CardPage): Board {
  const known = new Map(board.cards.map((card) => [card.id, card]));
  for (const card of page.cards) if (newer(card, known.get(card.id))) known.set(card.id, card);
  const columns = board.columns.map((column) => (column.stage === page.stage ? { ...column, end: page.end } : column));
  return { ...board, columns, cards: [...known.values()] };
}

/** A board without the cards that were only heard of, once there are more of them than `most`. */
export function forgetBeyond(board: Board, most: number): Board {
  const columns = new Map(board.columns.map((column) => [column.stage, column]));
  const cards = board.cards.filter((card) => {
    const column = columns.get(card.stage);
    return column !== undefined && loaded(column, card);
  });
  return board.cards.length - cards.length > most ? { ...board, cards } : board;
}

/** The team's candidate page after an event of `application:`, `conversation:` or `job:`. */
export function applyToApplication(view: ApplicationView, payload: AnyPayload): ApplicationView {
  switch (payload.type) {
    case "card":
    case "application":
      if (payload.card.id !== view.card.id || !newer(payload.card, view.card)) return view;
      return { ...view, card: payload.card, name: payload.card.name };
    case "answer": {
      const question = payload.answer.question.id;
      const known = view.answers.some((answer) => answer.question.id === question);
      const answers = known
        ? view.answers.map((answer) => (answer.question.id === question ? payload.answer : answer))
        : [...view.answers, payload.answer].sort((one, other) => one.question.position - other.question.position);
      return { ...view, answers };
    }
    case "following":
      return payload.application === view.card.id ? { ...view, following: payload.following } : view;
    case "note":
      return { ...view, notes: put(view.notes, payload.note) };
    case "message":
      return { ...view, messages: put(view.messages, payload.message) };
    default:
      return view;
  }
}

/** The candidate's own page after an event of `candidate:` or `conversation:`. */
export function applyToCandidate(view: CandidateView, payload: AnyPayload): CandidateView {
  switch (payload.type) {
    case "take":
      return {
        ...view,
        answers: view.answers.map((answer) =>
          answer.question.id === payload.question ? { ...answer, takes: put(answer.takes, payload.take) } : answer,
        ),
      };
    case "message":
      return { ...view, messages: put(view.messages, payload.message) };
    default:
      return view;
  }
}

/** What a member's bell holds: the newest lines, or as many as were fetched. */
type Lines = Pick<Inbox, "notifications" | "more">;

/** Newest first, as the server sorts them, whatever order they arrive in; no longer than it was, or than one page. */
function addLine(inbox: Lines, line: Notification): Lines {
  const others = inbox.notifications.filter((other) => other.id !== line.id);
  const at = others.findIndex((other) => other.id < line.id);
  const notifications = others.toSpliced(at < 0 ? others.length : at, 0, line);
  const kept = Math.max(INBOX_PAGE, inbox.notifications.length);
  return { notifications: notifications.slice(0, kept), more: inbox.more || notifications.length > kept };
}

/** What a member wants to hear of jobs; one that says nothing but the usual is left out. */
function putHearing(hearings: readonly JobHearing[], hearing: JobHearing): JobHearing[] {
  const others = hearings.filter((other) => other.job !== hearing.job);
  if (!hearing.muted && !hearing.applications) return others;
  const key = (one: JobHearing) => `${one.title} ${one.job}`;
  return [...others, hearing].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** A member's bell after an event of `member:`, or the part of it that a page has. */
export function applyToInbox<S extends Partial<Inbox>>(inbox: S, payload: AnyPayload): S {
  switch (payload.type) {
    case "notified": {
      const line = payload.notification;
      const lines = inbox.notifications && addLine({ more: false, ...inbox } as Lines, line);
      return { ...inbox, ...lines, unread: payload.unread, mine: inbox.mine || line.mine };
    }
    case "inbox_read": {
      const { url, ids } = payload;
      const read = (line: Notification) => (ids ? ids.includes(line.id) : url == null || line.url === url);
      const notifications = inbox.notifications?.map((line) => (read(line) ? { ...line, read: true } : line));
      return { ...inbox, ...(notifications ? { notifications } : {}), unread: payload.unread };
    }
    case "hearing":
      return { ...inbox, hearings: putHearing(inbox.hearings ?? [], payload.hearing) };
    default:
      return inbox;
  }
}

/** Whether the payload only says that something changed, to be fetched again. */
export function stale(payload: AnyPayload): boolean {
  return payload.type === "job" || payload.type === "place" || payload.type === "people";
}

/** The Idempotency-Key of the request that caused this event, by which its sender recognises the echo. */
export function keyOf(payload: AnyPayload): string | null {
  switch (payload.type) {
    case "card":
    case "cards":
    case "application":
      return payload.key;
    case "note":
      return payload.note.key;
    case "message":
      return payload.message.key;
    default:
      return null;
  }
}

/**
 * A state with changes that the server has not confirmed yet, laid over what it told so far.
 *
 * `add` shows a change at once; the event with its key, or the reply, confirms it; `reject` takes it back. A change that
 * waits through a lost connection stays on the screen until one of them arrives.
 */
export class Optimistic<S> {
  private pending = new Map<string, (state: S) => S>();

  private base: S;
  private readonly reduce: (state: S, payload: AnyPayload) => S;

  constructor(base: S, reduce: (state: S, payload: AnyPayload) => S) {
    this.base = base;
    this.reduce = reduce;
  }

  /** What to show: the server's state with the pending changes on top, in the order they were made. */
  get state(): S {
    return [...this.pending.values()].reduce((state, change) => change(state), this.base);
  }

  /** What the server told so far, without them. */
  get confirmed(): S {
    return this.base;
  }

  /** Whether changes wait for the server. */
  get waiting(): boolean {
    return this.pending.size > 0;
  }

  /** Show a change now, under the Idempotency-Key of its request. */
  add(key: string, change: (state: S) => S): void {
    this.pending.set(key, change);
  }

  /** The server's word: an event. Its sender's own echo replaces the pending change. */
  apply(payload: AnyPayload): void {
    this.base = this.reduce(this.base, payload);
    const key = keyOf(payload);
    if (key !== null) this.pending.delete(key);
  }

  /** The server's word: the reply to our request, which may overtake the event. `change` puts its result in. */
  confirm(key: string, change: (state: S) => S = (state) => state): void {
    this.base = change(this.base);
    this.pending.delete(key);
  }

  /** The request was refused: as if it had never been. True when there was something to take back. */
  reject(key: string): boolean {
    return this.pending.delete(key);
  }

  /** The data was fetched again; changes that still wait stay on top. */
  replace(state: S): void {
    this.base = state;
  }
}
