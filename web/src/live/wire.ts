/**
 * One websocket that is always there: opened again after every cut, by exponential back-off with jitter, and at once
 * when the machine wakes up or the network returns. It knows nothing of topics. No DOM in here but the window's events.
 */
import { PROTOCOL } from "./protocol.gen.ts";
import type { ClientFrame, ServerFrame } from "./protocol.gen.ts";

/** `refused`: the server says stop (signed out, not allowed, outdated page); it does not come back by itself. */
export type Connection = "online" | "degraded" | "reconnecting" | "refused";

/** Whom the wire tells. */
export interface Ends {
  /** The server has said hello; frames can be sent. */
  opened(): void;
  frame(frame: ServerFrame): void;
  /** Whatever was under way on it is void. */
  lost(): void;
}

type Timer = ReturnType<typeof setTimeout>;

const SILENCE_MS = 25_000;
const PROBE_MS = 4_000;
const TICK_MS = 5_000;
const SLEPT_MS = 3 * TICK_MS; // between two ticks: then this machine did not run
const GRACE_MS = 1_500; // a short cut is nobody's business
const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const STABLE_MS = 5_000;
const THROTTLED = 4004;

/** How long to wait before try number `attempt` (from 0), in milliseconds. */
export function pause(attempt: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt) * (0.3 + 0.7 * Math.random());
}

export class Wire {
  private readonly url: string;
  private readonly make: (url: string) => WebSocket;
  private readonly ends: Ends;
  private readonly stops = new AbortController();
  private socket: WebSocket | null = null;
  private observers = new Set<(connection: Connection) => void>();
  private shown: Connection = "online";
  private attempt = 0;
  private began = 0; // this socket
  private heard = 0;
  private ticked = Date.now();
  private openedAt = 0;
  private retry: Timer | undefined;
  private grace: Timer | undefined;
  private probe: { asked: number; timer: Timer } | null = null;
  private readonly watch: ReturnType<typeof setInterval>;
  /** Frames can be sent. */
  open = false;
  /** Why the server refused, when it did. */
  refusal = "";

  /** `make` opens the socket (tests bring their own). Connects with `connect()`, once the ends are ready. */
  constructor(url: string, make: (url: string) => WebSocket, ends: Ends) {
    this.url = url;
    this.make = make;
    this.ends = ends;
    this.watch = setInterval(() => this.tick(), TICK_MS);
    const { signal } = this.stops;
    const on = (target: EventTarget | undefined, name: string, run: () => void): void =>
      target?.addEventListener?.(name, run, { signal });
    // A laptop that wakes, a phone that finds the network again: timers slept, the socket may be dead without knowing.
    on(globalThis as unknown as EventTarget, "online", () => this.wake());
    on(globalThis.document, "visibilitychange", () => this.wake());
    on(globalThis.document, "resume", () => this.wake());
    // A page that is left may be kept for the way back, but not with an open socket.
    on(globalThis as unknown as EventTarget, "pagehide", () => this.park());
    on(globalThis as unknown as EventTarget, "pageshow", () => this.wake());
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

  send(frame: ClientFrame): void {
    if (this.open) this.socket?.send(JSON.stringify(frame));
  }

  connect(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.began = this.heard = Date.now();
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

  /** Close for good. */
  stop(): void {
    clearInterval(this.watch);
    this.stops.abort();
    this.park();
  }

  private take(frame: ServerFrame): void {
    this.heard = Date.now();
    switch (frame.type) {
      case "hello":
        if (frame.protocol !== PROTOCOL) return this.refuse("outdated");
        this.open = true;
        this.openedAt = Date.now();
        this.show("online");
        return this.ends.opened();
      case "health":
        return this.show(frame.database ? "online" : "degraded");
      case "ping":
        return this.send({ type: "pong" });
      case "pong":
        return;
      default:
        return this.ends.frame(frame);
    }
  }

  private closed(code: number, reason: string): void {
    if (this.open && Date.now() - this.openedAt > STABLE_MS) this.attempt = 0;
    this.drop();
    if (code >= 4400 && code <= 4499) return this.refuse(reason || String(code));
    this.grace ??= setTimeout(() => this.show("reconnecting"), GRACE_MS);
    const wait = (code === THROTTLED ? 5_000 : 0) + pause(this.attempt++);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  /** Forget the socket, without waiting for a close that may never come. */
  private drop(): void {
    const { socket } = this;
    this.socket = null;
    this.open = false;
    clearTimeout(this.probe?.timer);
    this.probe = null;
    this.ends.lost();
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  /** No socket and no thought of one, until `wake` or `connect`. */
  private park(): void {
    clearTimeout(this.retry);
    clearTimeout(this.grace);
    this.retry = this.grace = undefined;
    this.drop();
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

  // Staying alive

  private tick(): void {
    const now = Date.now();
    const slept = now - this.ticked > SLEPT_MS;
    this.ticked = now;
    if (slept) this.wake(); // a lid that was open all the time tells nothing of its sleep
    if (this.socket && now - this.heard > SILENCE_MS) this.closed(1006, "");
  }

  /** Somebody looks at this page again, or could: is the connection still one? Hidden pages wait for that. */
  private wake(): void {
    if (globalThis.document?.visibilityState === "hidden" || this.shown === "refused") return;
    const now = Date.now();
    this.ticked = now;
    if (!this.socket) return this.anew();
    if (!this.open) return now - this.began > PROBE_MS ? this.anew() : undefined;
    if (now - this.heard > SILENCE_MS) return this.anew(); // the server has hung up long ago
    if (this.probe && now - this.probe.asked <= PROBE_MS) return;
    clearTimeout(this.probe?.timer);
    this.send({ type: "ping" });
    this.probe = { asked: now, timer: setTimeout(() => this.verdict(now), PROBE_MS) };
  }

  private verdict(asked: number): void {
    this.probe = null;
    if (this.open && this.heard < asked) this.anew();
  }

  /** Hang up and come in again at once. */
  anew(): void {
    if (this.socket) this.drop();
    this.attempt = 0;
    this.connect();
  }
}
