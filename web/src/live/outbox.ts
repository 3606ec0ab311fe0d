/**
 * Durable changes on their way to the server. Each is sent until it is answered, always under the same Idempotency-Key
 * and with the same body, so that nothing happens twice however often a reply is lost; changes of one lane (one card) go
 * one after another, in the order they were made. No DOM in here, no words for people.
 *
 * `send` resolves with the reply and rejects with a refusal; an outage only makes it take longer.
 */
export type Method = "POST" | "PUT" | "PATCH" | "DELETE";

export interface Change {
  /** Changes of one lane keep their order. */
  lane: string;
  key: string;
  method: Method;
  path: string;
  /** What is sent. A function is asked when its turn comes, once; `undefined` from it: not wanted any more. */
  body?: unknown;
  /** What it is, for whoever must be told of a refusal after the page was loaded again. */
  words?: string;
}

/** One attempt. */
export interface Parcel {
  key: string;
  method: Method;
  path: string;
  body: unknown;
  /** 0 for the first try. */
  attempt: number;
}

/** How an attempt may fail: what is passing is tried again, after `retryAfter` seconds where the server named them. */
export interface Trouble {
  passing?: boolean;
  status?: number;
  retryAfter?: number | null;
}

export type Carry = (parcel: Parcel, signal: AbortSignal) => Promise<unknown>;

/** A change as it survives the page: frozen, to be sent again as it was. */
export interface Kept {
  lane: string;
  key: string;
  method: Method;
  path: string;
  body: unknown;
  words: string;
}

interface Entry {
  change: Change;
  made: number;
  body: unknown;
  frozen: boolean;
  attempts: number;
  flight: { controller: AbortController; began: number } | null;
  withdrawn: boolean;
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const PATIENCE_MS = 20_000; // an attempt without an answer is given up and made again
const STALE_MS = 5_000; // after sleep, an attempt older than this is not waited for
const BLINK_MS = 1_000; // younger changes on their first try are nobody's worry

export class Outbox {
  private readonly carry: Carry;
  private readonly keep: (kept: Kept[]) => void;
  private lanes = new Map<string, { entries: Entry[]; running: boolean }>();
  private observers = new Set<() => void>();
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The last attempt did not get through. */
  failing = false;

  /** `carry` makes one attempt; `keep` is told what a page loaded later would have to send, at every change of it. */
  constructor(carry: Carry, keep: (kept: Kept[]) => void = () => undefined) {
    this.carry = carry;
    this.keep = keep;
  }

  /** How many changes have no answer yet. */
  get waiting(): number {
    return this.entries().length;
  }

  /** Whether closing the page now could lose something. */
  get unsafe(): boolean {
    const now = Date.now();
    return this.entries().some((entry) => this.failing || !entry.flight || now - entry.made > BLINK_MS);
  }

  /** Call `observer` whenever `waiting` or `failing` may have changed; returns how to end that. */
  observe(observer: () => void): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** The server's reply; `undefined` when the change was withdrawn. Rejects with a refusal only. */
  send<T>(change: Change): Promise<T | undefined> {
    return new Promise<T | undefined>((resolve, reject) => {
      const lane = this.lanes.get(change.lane) ?? { entries: [], running: false };
      this.lanes.set(change.lane, lane);
      lane.entries.push({
        change,
        made: Date.now(),
        body: undefined,
        frozen: false,
        attempts: 0,
        flight: null,
        withdrawn: false,
        resolve: resolve as (reply: unknown) => void,
        reject,
      });
      void this.run(change.lane);
      this.tell();
    });
  }

  /** Not wanted any more. True when it was on its way before: it may have arrived all the same. */
  withdraw(key: string): boolean {
    let tried = false;
    for (const { entries } of this.lanes.values()) {
      const entry = entries.find((other) => other.change.key === key);
      if (!entry) continue;
      entries.splice(entries.indexOf(entry), 1);
      entry.withdrawn = true;
      tried = entry.attempts > 0;
      entry.flight?.controller.abort();
      entry.resolve(undefined);
    }
    this.tell();
    return tried;
  }

  /** The network is back, or the machine woke up: try at once what waits, and anew what hangs. */
  nudge(): void {
    for (const { flight } of this.entries()) {
      if (flight && Date.now() - flight.began > STALE_MS) flight.controller.abort();
    }
    if (this.failing) this.resume();
  }

  private entries(): Entry[] {
    return [...this.lanes.values()].flatMap((lane) => lane.entries);
  }

  private async run(name: string): Promise<void> {
    const lane = this.lanes.get(name);
    if (!lane || lane.running) return;
    lane.running = true;
    let entry: Entry | undefined;
    while ((entry = lane.entries[0]) && (await this.deliver(entry))) {
      if (lane.entries[0] === entry) lane.entries.shift();
      this.tell();
    }
    lane.running = false;
    if (!lane.entries.length) this.lanes.delete(name);
    this.tell();
  }

  /** True when there is nothing left to do for this entry. */
  private async deliver(entry: Entry): Promise<boolean> {
    const { key, method, path } = entry.change;
    const controller = new AbortController();
    let limit: ReturnType<typeof setTimeout> | undefined;
    try {
      if (!this.freeze(entry)) return this.answered(entry, undefined);
      entry.flight = { controller, began: Date.now() };
      limit = setTimeout(() => controller.abort(), PATIENCE_MS);
      const parcel = { key, method, path, body: entry.body, attempt: entry.attempts++ };
      const reply = await this.carry(parcel, controller.signal);
      this.attempt = 0;
      if (this.failing) this.recovered();
      return this.answered(entry, reply);
    } catch (error) {
      if (entry.withdrawn) return true;
      const trouble = error as Trouble;
      const passes = controller.signal.aborted || trouble.passing || trouble.status === 429;
      if (!passes) return this.refuse(entry, error);
      this.pause(trouble.retryAfter ?? null);
      return false;
    } finally {
      clearTimeout(limit);
      entry.flight = null;
    }
  }

  /** From the first try on, the body is what it is. False: nothing is to be sent. */
  private freeze(entry: Entry): boolean {
    const { body } = entry.change;
    if (!entry.frozen) {
      entry.body = typeof body === "function" ? (body as () => unknown)() : body;
      entry.frozen = true;
    }
    return typeof body !== "function" || entry.body !== undefined;
  }

  private answered(entry: Entry, reply: unknown): true {
    entry.resolve(reply);
    return true;
  }

  private refuse(entry: Entry, error: unknown): true {
    entry.reject(error);
    return true;
  }

  private pause(seconds: number | null): void {
    this.failing = true;
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.attempt++);
    const wait = seconds === null ? longest * (0.3 + 0.7 * Math.random()) : seconds * 1000;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.resume(), wait);
  }

  private recovered(): void {
    this.failing = false;
    this.resume();
  }

  private resume(): void {
    clearTimeout(this.timer);
    if (!this.waiting) this.failing = false;
    for (const name of [...this.lanes.keys()]) void this.run(name);
  }

  private tell(): void {
    this.keep(this.kept());
    for (const observer of this.observers) observer();
  }

  /** What was not asked for its body yet cannot outlive the page that would answer. */
  private kept(): Kept[] {
    return this.entries()
      .filter(({ frozen, change }) => frozen || typeof change.body !== "function")
      .map(({ change: { lane, key, method, path, body, words }, frozen, ...entry }) => ({
        lane,
        key,
        method,
        path,
        body: frozen ? entry.body : body,
        words: words ?? "",
      }));
  }
}
