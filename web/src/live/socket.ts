/**
 * The tab's one live socket: many topics, resumed by position after every cut. `realtime/PROTOCOL.md` is the contract.
 *
 * A follower says from which position on it wants events (the one its page's data was read at); whatever happens to the
 * connection, it gets each later event once and in order, or is asked to fetch its data again. No DOM in here.
 */
import { People, Typists } from "./presence.ts";
import { PROTOCOL } from "./protocol.gen.ts";
import type { AnyPayload, ClientFrame, Doing, Present, ServerFrame, TypingPerson } from "./protocol.gen.ts";

/** `refused`: the server says stop (signed out, not allowed, outdated page); it does not come back by itself. */
export type Connection = "online" | "degraded" | "reconnecting" | "refused";

/** What pages' first data carries: where each of its topics stood. */
export interface Snapshot {
  epoch: string;
  positions: Record<string, number>;
}

export interface Follower {
  /** The position to go on from; left out, events from now on. */
  after?: number;
  epoch?: string;
  /** What I am doing there, for those who see the topic's presence; goes with the subscription, after cuts too. */
  state?: Doing;
  onEvent?(payload: AnyPayload, seq: number): void;
  /**
   * History does not reach back: fetch the data again and return it, or anything with its epoch and positions; events
   * go on from there. Called once for several topics when they share the same function. A rejection is tried again.
   */
  onResync?(topic: string): Promise<Snapshot | null | void>;
  /** Everybody who is there, after every change. */
  onPresence?(people: Present[]): void;
  /** Everybody who types just now, after every change. */
  onTyping?(people: TypingPerson[]): void;
  /** The topic is not available to us (any more). */
  onRefused?(code: string): void;
}

export interface Following {
  readonly topic: string;
  /** No more of it. */
  stop(): void;
}

/** A command was refused, or the connection broke before the answer came. */
export class CommandFailed extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Local {
  follower: Follower;
  seq: number; // -1: from now on
}

interface Topic {
  name: string;
  locals: Set<Local>;
  epoch: string;
  standing: boolean; // subscribed, as far as we know
  resyncing: boolean;
  state: Doing | undefined; // presence; undefined: not there
  people: People;
  typists: Typists;
}

interface Waiting {
  resolve(body: unknown): void;
  reject(error: CommandFailed): void;
}

const SILENCE_MS = 25_000;
const PROBE_MS = 4_000;
const GRACE_MS = 1_500; // a short cut is nobody's business
const LONGEST_MS = 15_000;
const TYPING_MS = 2_000;
const STABLE_MS = 5_000;
const THROTTLED = 4004;

export class LiveSocket {
  private readonly url: string;
  private readonly make: (url: string) => WebSocket;
  private socket: WebSocket | null = null;
  private open = false;
  private topics = new Map<string, Topic>();
  private observers = new Set<(connection: Connection) => void>();
  private shown: Connection = "online";
  private idle = false;
  private attempt = 0;
  private heard = 0;
  private openedAt = 0;
  private nextId = 1;
  private commands = new Map<number, Waiting>();
  private typed = new Map<string, number>();
  private fetching = new Map<unknown, Promise<Snapshot | null | void>>();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private grace: ReturnType<typeof setTimeout> | undefined;
  private probe: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private readonly onWake = (): void => this.wake();
  /** Why the server refused, when it did. */
  refusal = "";

  /** `url` is the socket's address; `make` opens it (tests bring their own). Connects at once. */
  constructor(url: string, make: (url: string) => WebSocket = (address) => new WebSocket(address)) {
    this.url = url;
    this.make = make;
    this.watch = setInterval(() => this.listen(), 5_000);
    // A laptop that wakes, a phone that finds the network again: timers slept, the socket may be dead without knowing.
    globalThis.addEventListener?.("online", this.onWake);
    globalThis.addEventListener?.("pageshow", this.onWake);
    globalThis.document?.addEventListener("visibilitychange", this.onWake);
    this.connect();
  }

  /** How it stands, as shown to people: short cuts do not count. */
  get connection(): Connection {
    return this.shown;
  }

  /** Call `observer` now and at every change; returns how to end that. */
  observe(observer: (connection: Connection) => void): () => void {
    this.observers.add(observer);
    observer(this.shown);
    return () => this.observers.delete(observer);
  }

  /** Follow a topic. Several followers of one topic share it, each with its own position. */
  subscribe(name: string, follower: Follower): Following {
    let topic = this.topics.get(name);
    if (!topic) {
      topic = {
        name,
        locals: new Set(),
        epoch: "",
        standing: false,
        resyncing: false,
        state: undefined,
        people: new People(),
        typists: new Typists(() => this.each(topic!, (local) => local.onTyping?.(topic!.typists.list()))),
      };
      this.topics.set(name, topic);
    }
    const current = [...topic.locals].find((other) => other.seq >= 0)?.seq ?? -1;
    const local: Local = { follower, seq: follower.after ?? current };
    topic.locals.add(local);
    if (follower.epoch) topic.epoch = follower.epoch;
    if (follower.state) topic.state = follower.state;
    const earlier = current < 0 || (local.seq >= 0 && local.seq < current);
    if (!topic.standing || earlier) this.ask(topic);
    else if (follower.state) this.tell(topic);
    if (topic.people.known) follower.onPresence?.(topic.people.list());
    return { topic: name, stop: () => this.leave(topic, local) };
  }

  /** Say what I am doing in a topic I follow (JSON, at most 256 bytes); null leaves its presence list. */
  setPresence(name: string, state: Doing | null): void {
    const topic = this.topics.get(name);
    if (!topic) return;
    topic.state = state ?? undefined;
    if (topic.standing) this.tell(topic);
  }

  /** Whether anybody sits at this tab; told in every topic where we show what we do. */
  setIdle(idle: boolean): void {
    this.idle = idle;
    for (const topic of this.topics.values()) if (topic.standing && topic.state) this.tell(topic);
  }

  /** I am typing; call it at every key, it is sent at most every 2 s. */
  typing(name: string): void {
    const now = Date.now();
    if (!this.topics.get(name)?.standing || now - (this.typed.get(name) ?? 0) < TYPING_MS) return;
    this.typed.set(name, now);
    this.send({ type: "typing", topic: name });
  }

  /** Something from this person arrived: they have stopped typing. */
  stoppedTyping(name: string, person: string): void {
    this.topics.get(name)?.typists.stop(person);
  }

  /** Ask a registered command; for what may be lost. Rejects with `CommandFailed`. */
  command(name: string, body: unknown = null, topic: string | null = null): Promise<unknown> {
    if (!this.open) return Promise.reject(new CommandFailed("unavailable", "There is no connection just now."));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.commands.set(id, { resolve, reject });
      this.send({ type: "command", id, name, topic, body });
    });
  }

  /** Close for good. */
  stop(): void {
    clearInterval(this.watch);
    for (const timer of [this.retry, this.grace, this.probe]) clearTimeout(timer);
    globalThis.removeEventListener?.("online", this.onWake);
    globalThis.removeEventListener?.("pageshow", this.onWake);
    globalThis.document?.removeEventListener("visibilitychange", this.onWake);
    this.drop();
  }

  // Connecting

  private connect(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.heard = Date.now();
    this.grace ??= setTimeout(() => this.show("reconnecting"), GRACE_MS);
    const socket = this.make(this.url);
    this.socket = socket;
    socket.onmessage = (message) => {
      if (this.socket === socket) this.take(JSON.parse(message.data as string) as ServerFrame);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code, event.reason);
    };
  }

  private closed(code: number, reason: string): void {
    if (this.open && Date.now() - this.openedAt > STABLE_MS) this.attempt = 0;
    this.drop();
    if (code >= 4400 && code <= 4499) return this.refuse(reason || String(code));
    const longest = Math.min(LONGEST_MS, 500 * 2 ** this.attempt++);
    const wait = (code === THROTTLED ? 5_000 : 0) + longest * (0.3 + 0.7 * Math.random());
    this.grace ??= setTimeout(() => this.show("reconnecting"), GRACE_MS);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  /** Forget the socket, without waiting for a close that may never come. */
  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    for (const topic of this.topics.values()) topic.standing = false;
    for (const waiting of this.commands.values()) {
      waiting.reject(new CommandFailed("unavailable", "The connection was lost."));
    }
    this.commands.clear();
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private refuse(reason: string): void {
    this.refusal = reason;
    this.drop();
    clearTimeout(this.retry);
    this.show("refused");
  }

  private show(connection: Connection): void {
    clearTimeout(this.grace);
    this.grace = undefined;
    if (connection === this.shown) return;
    this.shown = connection;
    for (const observer of this.observers) observer(connection);
  }

  private wake(): void {
    if (globalThis.document?.visibilityState === "hidden" || this.shown === "refused") return;
    if (!this.socket) {
      this.attempt = 0;
      this.connect();
    } else if (this.open && this.probe === undefined) {
      const asked = Date.now();
      this.send({ type: "ping" });
      this.probe = setTimeout(() => {
        this.probe = undefined;
        if (this.open && this.heard < asked) this.closed(1006, "");
      }, PROBE_MS);
    }
  }

  private listen(): void {
    if (this.socket && Date.now() - this.heard > SILENCE_MS) this.closed(1006, "");
  }

  private send(frame: ClientFrame): void {
    if (this.open) this.socket?.send(JSON.stringify(frame));
  }

  // Frames in

  private take(frame: ServerFrame): void {
    this.heard = Date.now();
    switch (frame.type) {
      case "hello":
        return this.welcome(frame.protocol);
      case "health":
        return this.show(frame.database ? "online" : "degraded");
      case "ping":
        return this.send({ type: "pong" });
      case "pong":
        return;
      case "reply": {
        const waiting = this.commands.get(frame.id);
        this.commands.delete(frame.id);
        if (frame.error) waiting?.reject(new CommandFailed(frame.error, frame.message ?? frame.error));
        else waiting?.resolve(frame.body);
        return;
      }
    }
    const topic = this.topics.get(frame.topic ?? "");
    if (!topic) return;
    switch (frame.type) {
      case "subscribed":
        topic.epoch = frame.epoch;
        for (const local of topic.locals) if (local.seq < 0) local.seq = frame.seq;
        return;
      case "event":
        return this.event(topic, frame.seq, frame.payload);
      case "resync":
        return void this.resync(topic, frame.epoch, frame.seq);
      case "presence":
        topic.people.replace(frame.people);
        return this.each(topic, (local) => local.onPresence?.(topic.people.list()));
      case "presence_diff":
        topic.people.change(frame.joined, frame.left);
        for (const id of frame.left) topic.typists.stop(id);
        return this.each(topic, (local) => local.onPresence?.(topic.people.list()));
      case "typing":
        return topic.typists.add(frame.person);
      case "error":
        topic.standing = false;
        return this.each(topic, (local) => local.onRefused?.(frame.code));
    }
  }

  private welcome(protocol: number): void {
    if (protocol !== PROTOCOL) return this.refuse("outdated");
    this.open = true;
    this.openedAt = Date.now();
    this.show("online");
    for (const topic of this.topics.values()) if (!topic.resyncing) this.ask(topic);
  }

  private event(topic: Topic, seq: number, payload: AnyPayload): void {
    let hole = false;
    for (const local of topic.locals) {
      if (local.seq >= 0 && seq > local.seq + 1) hole = true;
      else if (seq > local.seq) {
        local.seq = seq;
        this.guard(() => local.follower.onEvent?.(payload, seq));
      }
    }
    if (hole) this.ask(topic); // cannot happen by the protocol; asking again from our position heals it all the same
  }

  private async resync(topic: Topic, epoch: string, head: number): Promise<void> {
    topic.standing = false;
    if (topic.resyncing) return;
    topic.resyncing = true;
    for (let attempt = 0; this.topics.get(topic.name) === topic; attempt++) {
      try {
        const found = await Promise.all([...topic.locals].map((local) => this.fetchAgain(topic, local)));
        topic.epoch = found.find((snapshot) => snapshot)?.epoch ?? epoch;
        break;
      } catch {
        for (const local of topic.locals) if (local.seq < 0) local.seq = head;
        await new Promise((done) =>
          setTimeout(done, Math.min(LONGEST_MS, 500 * 2 ** attempt) * (0.5 + Math.random() / 2)),
        );
      }
    }
    topic.resyncing = false;
    if (this.topics.get(topic.name) === topic) this.ask(topic);
  }

  /** One follower's data again; followers that share their function (one page, several topics) share the request. */
  private async fetchAgain(topic: Topic, local: Local): Promise<Snapshot | null | void> {
    const fetcher = local.follower.onResync;
    let request = fetcher && this.fetching.get(fetcher);
    if (fetcher && !request) {
      request = fetcher.call(local.follower, topic.name);
      this.fetching.set(fetcher, request);
      const forget = (): unknown => setTimeout(() => this.fetching.delete(fetcher), 0);
      request.then(forget, forget);
    }
    const snapshot = await request;
    local.seq = snapshot?.positions[topic.name] ?? -1;
    return snapshot;
  }

  // Frames out

  private ask(topic: Topic): void {
    if (!this.open || topic.resyncing) return;
    const known = [...topic.locals].filter((local) => local.seq >= 0).map((local) => local.seq);
    topic.standing = true;
    this.send({
      type: "subscribe",
      topic: topic.name,
      ...(known.length ? { after: Math.min(...known), epoch: topic.epoch } : {}),
      ...(topic.state === undefined ? {} : { state: topic.state, idle: this.idle }),
    });
  }

  private tell(topic: Topic): void {
    this.send({ type: "state", topic: topic.name, state: topic.state ?? null, idle: this.idle });
  }

  private leave(topic: Topic, local: Local): void {
    topic.locals.delete(local);
    if (this.topics.get(topic.name) !== topic) return;
    if (topic.locals.size) {
      if (local.follower.state)
        this.setPresence(
          topic.name,
          [...topic.locals].findLast((other) => other.follower.state)?.follower.state ?? null,
        );
      return;
    }
    this.topics.delete(topic.name);
    topic.typists.clear();
    this.send({ type: "unsubscribe", topic: topic.name });
  }

  private each(topic: Topic, call: (follower: Follower) => void): void {
    for (const local of topic.locals) this.guard(() => call(local.follower));
  }

  /** One follower's fault must not keep others from theirs. */
  private guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
