/**
 * The tab's one live socket: many topics, resumed by position after every cut. `realtime/PROTOCOL.md` is the contract.
 *
 * A follower says from which position on it wants events (the one its page's data was read at); whatever happens to the
 * connection, it gets each later event once and in order, or is asked to fetch its data again. No DOM in here.
 */
import { Hands, People, Typists, type Hand } from "./presence.ts";
import type { AnyPayload, Doing, Dragging, Present, ServerFrame, TypingPerson } from "./protocol.gen.ts";
import { pause, Wire, type Connection } from "./wire.ts";

export type { Connection };

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
  /** What everybody else's hands do just now, after every sign of one. */
  onHands?(hands: Hand[]): void;
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
  followed: boolean; // the server has said so
  resyncing: boolean;
  state: Doing | undefined; // presence; undefined: not there
  people: People;
  typists: Typists;
  hands: Hands;
}

interface Waiting {
  resolve(body: unknown): void;
  reject(error: CommandFailed): void;
}

const TYPING_MS = 2_000;

export class LiveSocket {
  private readonly wire: Wire;
  private topics = new Map<string, Topic>();
  private idle = false;
  private nextId = 1;
  private commands = new Map<number, Waiting>();
  private typed = new Map<string, number>();
  private fetching = new Map<unknown, Promise<Snapshot | null | void>>();

  /** `url` is the socket's address; `make` opens it (tests bring their own). Connects at once. */
  constructor(url: string, make: (url: string) => WebSocket = (address) => new WebSocket(address)) {
    this.wire = new Wire(url, make, {
      opened: () => this.opened(),
      frame: (frame) => this.take(frame),
      lost: () => this.lost(),
    });
    this.wire.connect();
  }

  /** How it stands, as shown to people: short cuts do not count. */
  get connection(): Connection {
    return this.wire.connection;
  }

  /** Why the server refused, when it did. */
  get refusal(): string {
    return this.wire.refusal;
  }

  /** Call `observer` now and at every change; returns how to end that. */
  observe(observer: (connection: Connection) => void): () => void {
    return this.wire.observe(observer);
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
        followed: false,
        resyncing: false,
        state: undefined,
        people: new People(),
        typists: new Typists(() => this.each(topic!, (local) => local.onTyping?.(topic!.typists.list()))),
        hands: new Hands(() => this.each(topic!, (local) => local.onHands?.(topic!.hands.list()))),
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
    this.wire.send({ type: "typing", topic: name });
  }

  /** Something from this person arrived: they have stopped typing. */
  stoppedTyping(name: string, person: string): void {
    this.topics.get(name)?.typists.stop(person);
  }

  /** What my hand does in a topic I follow, null when it has ended. At most 20 times a second; it may be lost. */
  gesture(name: string, gesture: Dragging | null): void {
    if (this.topics.get(name)?.standing) this.wire.send({ type: "gesture", topic: name, body: gesture });
  }

  /** Ask a registered command; for what may be lost. Rejects with `CommandFailed`. */
  command(name: string, body: unknown = null, topic: string | null = null): Promise<unknown> {
    if (!this.wire.open) return Promise.reject(new CommandFailed("unavailable", "There is no connection just now."));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.commands.set(id, { resolve, reject });
      this.wire.send({ type: "command", id, name, topic, body });
    });
  }

  /** Close for good. */
  stop(): void {
    this.wire.stop();
  }

  // Frames in

  private opened(): void {
    for (const topic of this.topics.values()) if (!topic.resyncing) this.ask(topic);
  }

  private lost(): void {
    for (const topic of this.topics.values()) {
      topic.standing = topic.followed = false;
      if (topic.hands.clear()) this.each(topic, (local) => local.onHands?.([]));
    }
    for (const { reject } of this.commands.values()) {
      reject(new CommandFailed("unavailable", "The connection was lost."));
    }
    this.commands.clear();
  }

  private take(frame: ServerFrame): void {
    if (frame.type === "reply") {
      const waiting = this.commands.get(frame.id);
      this.commands.delete(frame.id);
      if (frame.error) waiting?.reject(new CommandFailed(frame.error, frame.message ?? frame.error));
      else waiting?.resolve(frame.body);
    }
    if (!("topic" in frame)) return;
    const topic = this.topics.get(frame.topic ?? "");
    if (!topic) return;
    switch (frame.type) {
      case "subscribed":
        topic.epoch = frame.epoch;
        topic.followed = true;
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
        for (const id of frame.left) topic.hands.stop(id);
        return this.each(topic, (local) => local.onPresence?.(topic.people.list()));
      case "typing":
        return topic.typists.add(frame.person);
      case "gesture":
        return topic.hands.take(frame.person, frame.body);
      case "error":
        // What was ours is not any more: come in again, and the door says why.
        if (frame.code === "forbidden" && topic.followed) return this.wire.anew();
        topic.standing = false;
        return this.each(topic, (local) => local.onRefused?.(frame.code));
    }
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
        await new Promise((done) => setTimeout(done, pause(attempt)));
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
    if (!this.wire.open || topic.resyncing) return;
    const known = [...topic.locals].filter((local) => local.seq >= 0).map((local) => local.seq);
    topic.standing = true;
    this.wire.send({
      type: "subscribe",
      topic: topic.name,
      ...(known.length ? { after: Math.min(...known), epoch: topic.epoch } : {}),
      ...(topic.state === undefined ? {} : { state: topic.state, idle: this.idle }),
    });
  }

  private tell(topic: Topic): void {
    this.wire.send({ type: "state", topic: topic.name, state: topic.state ?? null, idle: this.idle });
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
    topic.hands.clear();
    this.wire.send({ type: "unsubscribe", topic: topic.name });
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
