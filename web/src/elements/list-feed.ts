/**
 * A list's data: the lines that came with the page, more of them as somebody scrolls, and what happens meanwhile.
 *
 * An event changes a line that is there at once. Where lines stand and who belongs to the list is for the server to say:
 * soon after something happened as much as is loaded is read again, however much that was, once and not per event.
 */
import type { AnyPayload, Card, ListPage, ListRow, ListView, Present } from "../live/protocol.gen.ts";
import { send } from "../lib/api.ts";
import { follow, since } from "../lib/live.ts";
import { api, me } from "../lib/me.ts";

const PAGE = 60; // lines
const MOST = 500; // lines of one request, as the server has it
const AGAIN_MS = 500;
const REST = 5; // after reading again, it is left alone for so many times as long as that took
const PATIENCE_MS = 3000; // after an outage it is asked again so much later

interface Listener {
  changed(payload: AnyPayload | null): void;
  present(people: readonly Present[]): void;
}

export class ListFeed {
  view: ListView;
  rows: readonly ListRow[];
  count: number;
  /** What the lines are of, as the address says it; `query` is what is wanted. */
  narrowed: string;
  private query: string;
  private end: string | null;
  private leaves: (() => void)[] = [];
  private loading: Promise<void> | null = null;
  private reading: Promise<void> | null = null;
  private again = 0;
  private wholly = false;
  private stale = false;
  private edition = 0;
  private took = 0;

  constructor(
    view: ListView,
    query: string,
    private listener: Listener,
  ) {
    this.view = view;
    this.query = this.narrowed = query;
    this.rows = view.page.rows;
    this.count = view.page.count ?? 0;
    this.end = view.page.end;
  }

  start(): void {
    this.stop();
    const hear = (payload: AnyPayload) => this.hear(payload);
    const onResync = () => this.refresh();
    const topic = `job:${this.view.job.id}`;
    const state = { view: "board" } as const;
    const onPresence = (people: readonly Present[]) => this.listener.present(people);
    this.leaves = [
      follow(topic, { ...since(topic, this.view), state, onEvent: hear, onResync, onPresence }),
      ...[`workspace:${me.workspace}`, `member:${me.id}`].map((own) =>
        follow(own, { ...since(own, this.view), onEvent: hear, onResync }),
      ),
    ];
  }

  stop(): void {
    for (const leave of this.leaves) leave();
    this.leaves = [];
    clearTimeout(this.again);
    this.again = 0;
  }

  get more(): boolean {
    return this.end !== null;
  }

  card(id: string): Card | undefined {
    return this.rows.find((row) => row.card.id === id)?.card;
  }

  /** A card as the server told it, where it is newer than the one that is shown. */
  put(card: Card): void {
    const at = this.rows.findIndex((row) => row.card.id === card.id);
    const known = this.rows[at];
    if (!known || known.card.version > card.version) return;
    this.rows = this.rows.with(at, { ...known, card });
    this.listener.changed(null);
  }

  /** What a field says from now on, until the lines are read again. */
  fill(id: string, field: string, value: string): void {
    this.rows = this.rows.map((row) =>
      row.card.id === id ? { ...row, fields: { ...row.fields, [field]: value } } : row,
    );
    this.listener.changed(null);
  }

  /** Other filters, another order or other columns; of many wishes in a row the last one counts. */
  narrow(query: string): void {
    this.query = query;
    void this.read();
  }

  /** Everything again, the job and what there is to choose from too. */
  refresh(): Promise<void> {
    this.wholly = true;
    return this.read();
  }

  /** The lines again, soon: many changes in a row are one, and a page that is not looked at waits until it is. */
  soon(): void {
    const now = () => {
      this.again = 0;
      void this.read();
    };
    this.again ||= window.setTimeout(
      () => (document.hidden ? document.addEventListener("visibilitychange", now, { once: true }) : now()),
      Math.max(AGAIN_MS, REST * this.took),
    );
  }

  /** Loads further lines; resolves when they are there, or could not be had. */
  load(lines = PAGE): Promise<void> {
    if (this.end === null) return Promise.resolve();
    if (this.reading) return this.reading;
    this.loading ??= this.next(lines).finally(() => (this.loading = null));
    return this.loading;
  }

  private async next(lines: number): Promise<void> {
    const { edition } = this;
    try {
      const page = await this.page(this.narrowed, this.end ?? "", lines);
      if (this.edition !== edition) return;
      const known = new Set(this.rows.map((row) => row.card.id));
      this.rows = [...this.rows, ...page.rows.filter((row) => !known.has(row.card.id))];
      this.end = page.end;
      this.listener.changed(null);
    } catch {
      await new Promise((rest) => setTimeout(rest, PATIENCE_MS));
    }
  }

  private page(query: string, after: string, lines: number): Promise<ListPage> {
    const words = new URLSearchParams(query);
    words.set("after", after);
    words.set("most", `${Math.max(1, Math.min(MOST, lines))}`);
    return send<ListPage>("GET", `${api(`jobs/${this.view.job.id}/rows`)}?${words}`);
  }

  /** Reads as much as is loaded; what is asked for meanwhile is read after it. */
  private read(): Promise<void> {
    this.stale = true;
    this.reading ??= this.catchUp().finally(() => (this.reading = null));
    return this.reading;
  }

  private async catchUp(): Promise<void> {
    while (this.stale) {
      this.stale = false;
      const { wholly } = this;
      const began = performance.now();
      this.wholly = false; // who wishes for it from here on gets it afterwards
      try {
        await this.readOnce(wholly);
        this.took = performance.now() - began;
      } catch {
        this.stale = true;
        this.wholly ||= wholly;
        await new Promise((rest) => setTimeout(rest, PATIENCE_MS));
        if (!this.leaves.length) return;
      }
    }
  }

  private async readOnce(wholly: boolean): Promise<void> {
    const { query } = this;
    const depth = query === this.narrowed ? Math.max(PAGE, this.rows.length) : PAGE;
    let view = this.view;
    if (wholly) {
      view = await send<ListView>("GET", `${api(`jobs/${this.view.job.id}/list`)}?${query}`);
    }
    const first = await this.page(query, "", depth);
    const rows = [...first.rows];
    let { end } = first;
    while (end !== null && rows.length < depth) {
      const page = await this.page(query, end, depth - rows.length);
      rows.push(...page.rows);
      ({ end } = page);
    }
    if (query !== this.query) {
      this.wholly ||= wholly;
      this.stale = true;
      return;
    }
    // What was heard while this was read is newer than it.
    const known = new Map(this.rows.map((row) => [row.card.id, row.card]));
    this.rows = [...new Map(rows.map((row) => [row.card.id, row])).values()].map((row) => {
      const card = known.get(row.card.id);
      return card && card.version > row.card.version ? { ...row, card } : row;
    });
    this.edition += 1;
    this.view = { ...view, page: first };
    this.count = first.count ?? rows.length;
    this.end = end;
    this.narrowed = query;
    this.listener.changed(null);
  }

  private hear(payload: AnyPayload): void {
    switch (payload.type) {
      case "card":
      case "cards":
        for (const { card } of payload.type === "card" ? [payload] : payload.cards) this.put(card);
        this.soon();
        break;
      case "job":
        if (payload.job !== this.view.job.id) return;
        void this.refresh();
        break;
      case "views":
        if (payload.job !== null && payload.job !== this.view.job.id) return;
        void this.refresh();
        break;
      case "profile":
        void this.refresh();
        break;
      default:
        return;
    }
    this.listener.changed(payload);
  }
}
