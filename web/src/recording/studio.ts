/**
 * Carries out what the machine asks for: devices, connection, local copy, wake lock, and keeping the take.
 *
 * One studio records one question at a time, and knows nothing of how it looks or whose server this is: the page gives it
 * a `Desk` (where tickets come from, where a take is looked up, accepted and uploaded) and is told when to draw again.
 *
 * What the person reads about safety is derived here and only from what is known: the copy has bytes, the link answers,
 * the server says "ready".
 */

import type { RecordingTicket } from "../live/protocol.gen.ts";
import { LocalCopy, canCopy } from "./copy.ts";
import { DeviceError, closeStream, openDevices, whenDevicesMayWork, type DeviceTrouble, type Kind } from "./devices.ts";
import { begin, review, step, isLive, type Announcement, type Event, type Limits, type State } from "./machine.ts";
import { forget, onlyHere, safetyOf, type Safety, type ServerTake, type Take } from "./takes.ts";
import { WhipError, WhipSession } from "./whip.ts";

/** A refusal the person must read; `code` as the server names it. */
export interface Refusal extends Error {
  code: string;
  status: number;
}

export interface Desk {
  ticket(kind: Kind): Promise<RecordingTicket>;
  look(ticket: RecordingTicket): Promise<ServerTake>;
  accept(ticket: RecordingTicket): Promise<void>;
  /** Sends the browser's own copy instead; null where there is no such way. */
  upload: ((copy: Blob, onProgress: (part: number) => void) => Promise<void>) | null;
}

/** Refusals that recording on this device and uploading later can get around. */
const GO_ON_ALONE = new Set([
  "no_recorder",
  "unavailable",
  "unreachable",
  "no_connection",
  "node_gone",
  "ice_timeout",
  "bad_answer",
  "too_many_recordings",
]);

/** How long a connection made for nothing is kept for the next try, and how long our own goodbye may take to be known. */
const PARKED_MS = 20_000;
const OWN_ECHO_MS = 35_000;
/** When a studio of this page last ended a connection; the next question has a studio of its own. */
let closedAt = -Infinity;

export class Studio {
  state: State;
  kind: Kind;
  stream: MediaStream | null = null;
  trouble: DeviceTrouble | null = null;
  opening = false;
  take: Take | null = null;
  /** Takes from before this one that the server does not have whole: only this page can still keep them. */
  earlier: readonly Take[] = [];
  /** 0..1 while the copy is being uploaded, -1 otherwise. */
  uploaded = -1;
  refusal = "";

  readonly #desk: Desk;
  readonly #changed: () => void;
  readonly #say: (what: Announcement) => void;
  readonly #uplink: number;
  #session: WhipSession | null = null;
  #ticket: RecordingTicket | null = null;
  #try = 0;
  #parked = 0;
  #preparing = 0;
  #copy: LocalCopy | null = null;
  #damaged = false;
  #timer = 0;
  #wakeLock: WakeLockSentinel | null = null;
  #stopWatching: (() => void) | null = null;
  #onBeforeUnload = (event: BeforeUnloadEvent): void => {
    if (this.unsent) event.preventDefault();
  };
  #onVisible = (): void => {
    if (document.visibilityState === "visible" && isLive(this.state)) void this.#stayAwake();
  };

  constructor(options: {
    desk: Desk;
    kind: Kind;
    limits: Limits;
    uplink?: number;
    changed: () => void;
    say: (what: Announcement) => void;
  }) {
    this.#desk = options.desk;
    this.#changed = options.changed;
    this.#say = options.say;
    this.#uplink = options.uplink ?? 0;
    this.kind = options.kind;
    this.state = begin(this.#limits(options.limits), performance.now());
    this.#timer = window.setInterval(() => this.send({ type: "tick" }), 200);
    window.addEventListener("beforeunload", this.#onBeforeUnload);
    document.addEventListener("visibilitychange", this.#onVisible);
  }

  /** Without a way to send a copy later, recording alone would be for nothing. */
  #limits(limits: Limits): Limits {
    return { ...limits, alone: this.#desk.upload !== null && canCopy() };
  }

  /** Opens camera and microphone; what is wrong with them is in `trouble`, and asked again when it may have changed. */
  async open(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    this.#changed();
    try {
      closeStream(this.stream);
      this.stream = null;
      this.stream = await openDevices(this.kind);
      this.trouble = null;
      this.#stopWatching?.();
      this.#stopWatching = null;
      for (const track of this.stream.getTracks()) {
        track.addEventListener("ended", () => this.#deviceGone(track));
      }
    } catch (error) {
      this.trouble = error instanceof DeviceError ? error.code : "broken";
      this.#stopWatching ??= whenDevicesMayWork(() => void this.open());
    } finally {
      this.opening = false;
      this.#changed();
    }
  }

  /** A new question, with the devices left open. */
  next(limits: Limits): void {
    this.#forget();
    this.state = begin(this.#limits(limits), performance.now());
    this.#changed();
  }

  /** Closes camera and microphone, and keeps what was recorded: `open()` goes on. */
  rest(): void {
    this.send({ type: "back", sure: true }); // A countdown does not run on without a camera.
    this.#drop();
    this.#stopWatching?.();
    this.#stopWatching = null;
    closeStream(this.stream);
    this.stream = null;
  }

  /** A take from an earlier visit is watched and decided on. */
  resume(limits: Limits, ticket: RecordingTicket, take: ServerTake): void {
    this.#drop();
    this.#setAside();
    this.#ticket = ticket;
    const { url, duration_ms: ms, state: server } = take;
    this.take = { ticket, copy: null, url, ms, server, damaged: false, counted: false };
    this.state = review(this.#limits(limits), ms, performance.now());
    if (server === "processing") void this.#follow(this.take);
    this.#changed();
  }

  /** Back to a take that this page holds, instead of recording another. */
  watch(take: Take): void {
    if (take !== this.take) {
      this.#drop();
      this.earlier = this.earlier.filter((other) => other !== take);
      this.#setAside();
      this.take = take;
      this.#ticket = take.ticket;
    }
    this.refusal = "";
    this.send({ type: "watch", ms: take.ms });
  }

  close(): void {
    window.clearInterval(this.#timer);
    window.removeEventListener("beforeunload", this.#onBeforeUnload);
    document.removeEventListener("visibilitychange", this.#onVisible);
    this.#stopWatching?.();
    this.#drop();
    void this.#copy?.stop();
    closeStream(this.stream);
    this.stream = null;
    this.#forget();
  }

  /** Something would be lost if the page were closed now. */
  get unsent(): boolean {
    const { phase } = this.state;
    if (isLive(this.state) || phase === "finishing" || phase === "keeping") return true;
    return phase !== "kept" && (this.earlier.length > 0 || (this.take !== null && onlyHere(this.take)));
  }

  get safety(): Safety {
    if (isLive(this.state)) {
      const saved = (this.#copy?.bytes ?? 0) > 0;
      if (this.state.link === "lost" || !this.#session) return saved ? "waiting" : "nothing";
      return saved ? "sending" : "here";
    }
    return this.take ? safetyOf(this.take) : "nothing";
  }

  /** The copy is what will be kept, because the server's file is missing or not whole. */
  get sendsCopy(): boolean {
    const take = this.take;
    if (!take?.copy || !this.#desk.upload) return false;
    return take.damaged || take.server === "none" || take.server === "interrupted" || take.server === "failed";
  }

  send(event: Event): void {
    const before = this.state;
    const { state, effects } = step(before, event, performance.now());
    this.state = state;
    for (const effect of effects) {
      if (effect.do === "say") this.#say(effect.what);
      else if (effect.do === "prepare") void this.#prepare();
      else if (effect.do === "release") this.#release();
      else if (effect.do === "roll") this.#roll();
      else if (effect.do === "stop") void this.#stop();
      else if (effect.do === "keep") void this.#keep();
    }
    if (state !== before || state.until > 0 || isLive(state)) this.#changed();
  }

  /** News about a take that came over the live connection. */
  told(take: string, server: ServerTake): void {
    if (this.#ticket?.take !== take) return;
    if (server.state === "interrupted" && isLive(this.state)) {
      this.#damaged = true;
      this.send({ type: "lost" });
    }
    if (this.take?.ticket?.take === take) this.#settle(this.take, server);
  }

  /** Ticket and connection. What "not yet" left standing is used again: a take that never began costs nothing. */
  async #prepare(): Promise<void> {
    window.clearTimeout(this.#parked);
    this.refusal = "";
    if (this.#session?.connected) return this.send({ type: "prepared" });
    if (this.#preparing === this.#try && this.#preparing > 0) return; // Still on its way; it will say so itself.
    this.#session?.close(); // A parked one that was lost meanwhile.
    this.#session = null;
    const attempt = ++this.#try;
    this.#preparing = attempt;
    this.#damaged = false;
    try {
      const ticket = await this.#takeTicket(attempt);
      if (attempt !== this.#try) return;
      this.#ticket = ticket;
      const session = new WhipSession({
        ticket,
        video: this.kind === "video",
        uplink: this.#uplink,
        onLost: () => {
          if (isLive(this.state)) this.#damaged = true;
          this.send({ type: "lost" });
        },
        onFound: () => this.send({ type: "found" }),
      });
      this.#session = session;
      await session.connect();
      if (attempt !== this.#try) return session.close();
      if (isLive(this.state)) {
        this.#session = null; // Too late: the device is recording alone by now.
        return session.close();
      }
      this.send({ type: "prepared" });
    } catch (error) {
      if (attempt !== this.#try) return;
      this.#session?.close();
      this.#session = null;
      const code = codeOf(error);
      if (this.#desk.upload && canCopy() && GO_ON_ALONE.has(code)) {
        this.#damaged = true;
        this.send({ type: "prepared" });
        this.send({ type: "lost" });
      } else {
        this.refusal = error instanceof Error ? error.message : "";
        this.send({ type: "refused", code });
      }
    } finally {
      if (this.#preparing === attempt) this.#preparing = 0;
    }
  }

  /** The server knows within a second or two that our own last connection ended; until then it says "already". */
  async #takeTicket(attempt: number): Promise<RecordingTicket> {
    for (;;) {
      try {
        return await this.#desk.ticket(this.kind);
      } catch (error) {
        const ours = performance.now() - closedAt < OWN_ECHO_MS;
        if (codeOf(error) !== "already_recording" || !ours || attempt !== this.#try) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  /** "Not yet": the connection stays for a while, since most people begin again in a moment. */
  #release(): void {
    window.clearTimeout(this.#parked);
    if (!this.#session && this.#preparing === 0) return;
    this.#parked = window.setTimeout(() => this.#drop(), PARKED_MS);
  }

  #drop(): void {
    window.clearTimeout(this.#parked);
    this.#try++;
    if (this.#session || this.#preparing > 0) closedAt = performance.now();
    this.#preparing = 0;
    if (!this.#session) return;
    this.#session.close();
    this.#session = null;
    this.#ticket = this.take?.ticket ?? null;
  }

  /** Makes room for another take without losing what only this page has. */
  #setAside(): void {
    const take = this.take;
    this.take = null;
    if (!take) return;
    if (onlyHere(take)) this.earlier = [...this.earlier, take];
    else forget(take);
  }

  #roll(): void {
    this.#setAside();
    if (!this.stream) return this.send({ type: "fault", code: "camera_gone" });
    this.#copy = LocalCopy.start(this.stream);
    if (this.#session?.connected) {
      void this.#session.attach(this.stream).catch(() => this.send({ type: "lost" }));
    } else {
      this.#damaged = true;
      this.send({ type: "lost" });
      if (!this.#copy || !this.state.limits.alone) return this.send({ type: "fault", code: "no_connection" });
    }
    void this.#stayAwake();
  }

  async #stop(): Promise<void> {
    const session = this.#session;
    const ms = this.state.recordedMs;
    const copying = this.#copy;
    this.#copy = null;
    this.#session = null;
    const [copy] = await Promise.all([copying?.stop() ?? null, session?.stop()]);
    closedAt = performance.now();
    const take: Take = {
      ticket: this.#ticket,
      copy,
      url: copy ? URL.createObjectURL(copy) : "",
      ms,
      server: session?.attached ? "processing" : "none",
      damaged: this.#damaged,
      counted: true,
    };
    this.take = take;
    this.#sleep();
    this.send({ type: "stopped", ms });
    this.#spare(take);
    if (take.server === "processing") void this.#follow(take);
  }

  /** Asks the server about the take until it is settled; the live connection may be quicker. */
  async #follow(take: Take): Promise<void> {
    if (!take.ticket) return;
    const until = performance.now() + 60_000;
    for (let pause = 400; this.#holds(take) && take.server === "processing"; pause = Math.min(2000, pause * 1.4)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!this.#holds(take) || take.server !== "processing") return;
      try {
        this.#settle(take, await this.#desk.look(take.ticket));
      } catch {
        // No network or a server in trouble: what is on this device stays, and is asked about again.
      }
      if (performance.now() > until && take.copy) take.damaged = true;
      this.#changed();
      if (take.damaged && performance.now() > until) return;
    }
  }

  #holds(take: Take): boolean {
    return this.take === take || this.earlier.includes(take);
  }

  #settle(take: Take, server: ServerTake): void {
    if (server.state === "recording" || server.state === "processing") return;
    take.server = server.state;
    this.#spare(take);
    if (!take.copy) {
      take.url = server.url;
      if (server.duration_ms > 0) take.ms = server.duration_ms;
    } else if (server.state === "ready" && server.duration_ms < take.ms - 1500) {
      take.damaged = true; // The server has less of it than this page recorded.
    }
    if (this.take !== take && !onlyHere(take)) {
      this.earlier = this.earlier.filter((other) => other !== take);
      forget(take);
    }
    this.#changed();
  }

  /** What never arrived or broke off does not count, on the server neither. */
  #spare(take: Take): void {
    if (!take.counted || take.server === "processing" || take.server === "ready") return;
    take.counted = false;
    this.send({ type: "spared" });
  }

  async #keep(): Promise<void> {
    const take = this.take;
    if (!take) return this.send({ type: "unkept", code: "gone" });
    try {
      if (!this.sendsCopy) await this.#settled(take);
      if (this.sendsCopy && take.copy && this.#desk.upload) await this.#upload(take.copy);
      else if (take.ticket && take.server !== "failed") await this.#desk.accept(take.ticket);
      else throw Object.assign(new Error("gone"), { code: "gone", status: 0 });
      take.server = "ready";
      take.damaged = false;
      this.send({ type: "kept" });
    } catch (error) {
      this.uploaded = -1;
      this.refusal = error instanceof Error ? error.message : "";
      this.send({ type: "unkept", code: codeOf(error) });
    }
  }

  async #settled(take: Take): Promise<void> {
    while (this.take === take && take.server === "processing" && !this.sendsCopy) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Uploads until it works: without a network it waits for one. Refusals end it. */
  async #upload(copy: Blob): Promise<void> {
    for (;;) {
      this.uploaded = 0;
      this.#changed();
      try {
        await this.#desk.upload?.(copy, (part) => {
          this.uploaded = part;
          this.#changed();
        });
        this.uploaded = -1;
        return;
      } catch (error) {
        const code = codeOf(error);
        if (code !== "unreachable" && code !== "unavailable") throw error;
        this.uploaded = -1;
        this.#changed();
        await backOnline();
      }
    }
  }

  #deviceGone(track: MediaStreamTrack): void {
    if (!this.stream?.getTracks().includes(track)) return;
    this.send({ type: "fault", code: track.kind === "video" ? "camera_gone" : "microphone_gone" });
    if (!isLive(this.state) && this.state.phase !== "finishing") void this.open();
  }

  async #stayAwake(): Promise<void> {
    try {
      this.#wakeLock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      // Battery saver says no; the recording goes on all the same.
    }
  }

  #sleep(): void {
    void this.#wakeLock?.release().catch(() => undefined);
    this.#wakeLock = null;
  }

  #forget(): void {
    this.#drop();
    for (const take of this.earlier) forget(take);
    if (this.take) forget(this.take);
    this.take = null;
    this.earlier = [];
    this.#ticket = null;
    this.uploaded = -1;
    this.refusal = "";
  }
}

function codeOf(error: unknown): string {
  if (error instanceof WhipError) return error.code;
  const code = (error as Partial<Refusal> | null)?.code;
  if (typeof code === "string" && code) return code;
  return error instanceof TypeError ? "unreachable" : "unavailable";
}

function backOnline(): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, 4000);
    window.addEventListener("online", done);
  });
}
