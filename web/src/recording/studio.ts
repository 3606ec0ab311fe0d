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
import { Awake } from "./awake.ts";
import { LocalCopy, canCopy, noteCopy, room, type Place } from "./copy.ts";
import { BUSY, GO_ON_ALONE, codeOf, keep, untilSettled, type Desk } from "./desk.ts";
import { Devices, type DeviceTrouble, type Kind } from "./devices.ts";
import { Easing } from "./easing.ts";
import { Line } from "./line.ts";
import { begin, review, step, isLive, type Announcement, type Event, type Limits, type State } from "./machine.ts";
import { VIDEO_BITS } from "./manifest.ts";
import { Senses } from "./senses.ts";
import { endangered, forget, onlyHere, safetyOf, settle, warningsOf } from "./takes.ts";
import type { Safety, ServerTake, Take, Warning } from "./takes.ts";

export class Studio {
  state: State;
  kind: Kind;
  take: Take | null = null;
  /** Takes from before this one that the server does not have whole: only this page can still keep them. */
  earlier: readonly Take[] = [];
  /** 0..1 while the copy is being uploaded, -1 otherwise. */
  uploaded = -1;
  refusal = "";
  /** The device records alone because every recorder has enough to do. */
  busy = false;
  /** The recorder was there when this take began. */
  reached = true;

  readonly #desk: Desk;
  readonly #changed: () => void;
  readonly #say: (what: Announcement) => void;
  readonly #devices: Devices;
  readonly #line: Line;
  readonly #awake = new Awake();
  readonly #senses = new Senses();
  #copy: LocalCopy | null = null;
  #easing = new Easing();
  /** Bits per second that the device has room for, 0: the copy stays in the page. */
  #bits = VIDEO_BITS;
  #damaged = false;
  /** The recorder says that nothing comes. */
  #silent = false;
  #timer = 0;
  #onBeforeUnload = (event: BeforeUnloadEvent): void => {
    if (this.#endangered) event.preventDefault();
  };

  constructor(options: {
    desk: Desk;
    kind: Kind;
    limits: Limits;
    uplink?: () => number;
    changed: () => void;
    say: (what: Announcement) => void;
  }) {
    this.#desk = options.desk;
    this.#changed = options.changed;
    this.#say = options.say;
    this.kind = options.kind;
    this.#devices = new Devices(this.#changed, (track) => this.#deviceGone(track));
    this.#line = new Line({
      desk: this.#desk,
      uplink: options.uplink ?? (() => 0),
      lost: () => this.#lost(),
      found: () => this.send({ type: "found" }),
      rate: (camera, sent, narrow) => this.#ease(camera, sent, narrow),
      fitted: this.#changed,
    });
    this.state = begin(this.#limits(options.limits), performance.now());
    this.#timer = window.setInterval(() => this.send({ type: "tick" }), 200);
    window.addEventListener("beforeunload", this.#onBeforeUnload);
  }

  /** Without a way to send a copy later, recording alone would be for nothing. */
  #limits(limits: Limits): Limits {
    return { ...limits, alone: this.#desk.upload !== null && canCopy() };
  }

  get stream(): MediaStream | null {
    return this.#devices.stream;
  }

  /** What is wrong with camera or microphone; asked again by itself when it may have changed. */
  get trouble(): DeviceTrouble | null {
    return this.#devices.trouble;
  }

  get opening(): boolean {
    return this.#devices.opening;
  }

  open(): Promise<void> {
    return this.#devices.open(this.kind);
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
    this.#line.drop();
    this.#devices.close();
  }

  /** A take from an earlier visit is watched and decided on. */
  resume(limits: Limits, ticket: RecordingTicket, take: ServerTake): void {
    this.#line.drop();
    this.#setAside();
    const { url, duration_ms: ms, state: server } = take;
    this.take = { ticket, copy: null, url, ms, server, film: take, damaged: false, pictures: 0, counted: false };
    this.state = review(this.#limits(limits), ms, performance.now());
    if (server === "processing") void this.#follow(this.take);
    this.#changed();
  }

  /** Back to a take that this page holds, instead of recording another. */
  watch(take: Take): void {
    if (take !== this.take) {
      this.#line.drop();
      this.earlier = this.earlier.filter((other) => other !== take);
      this.#setAside();
      this.take = take;
    }
    this.refusal = "";
    this.send({ type: "watch", ms: take.ms });
  }

  close(): void {
    window.clearInterval(this.#timer);
    window.removeEventListener("beforeunload", this.#onBeforeUnload);
    this.#awake.release();
    this.#senses.stop();
    void this.#copy?.stop().then((copy) => copy?.release());
    this.#devices.close();
    this.#forget();
  }

  /** This page has something that the server does not have whole. */
  get unsent(): boolean {
    const { phase } = this.state;
    if (isLive(this.state) || phase === "finishing" || phase === "keeping") return true;
    return phase !== "kept" && (this.earlier.length > 0 || (this.take !== null && onlyHere(this.take)));
  }

  /** Something would be lost if the page were closed now: what is on the device is found again. */
  get #endangered(): boolean {
    const { phase } = this.state;
    if (isLive(this.state) || phase === "finishing") return true;
    if (phase === "keeping") return !this.take?.copy?.onDevice;
    return phase !== "kept" && [...this.earlier, ...(this.take ? [this.take] : [])].some(endangered);
  }

  /** Where the copy of what was recorded is. */
  get copied(): Place {
    if (isLive(this.state)) return this.#copy?.place ?? "";
    const copy = this.take?.copy;
    return copy ? (copy.onDevice ? "device" : "page") : "";
  }

  /** This device keeps no copy: it cannot, or gave it up so that the picture that goes out does not suffer. */
  get uncopied(): "" | "unable" | "busy" {
    if (!isLive(this.state) || this.#copy?.goesOn) return "";
    return this.#copy?.stopped ? "busy" : "unable";
  }

  /** The link is too narrow for the picture: the voice goes out alone. "offered": it would carry the picture again. */
  get voiceOnly(): "" | "narrow" | "offered" {
    if (!isLive(this.state) || this.#line.fit !== "sound") return "";
    return this.#line.offered ? "offered" : "narrow";
  }

  /** Lets the picture go out again. */
  picture = (): void => this.#line.picture();

  get safety(): Safety {
    if (isLive(this.state)) {
      const saved = (this.#copy?.holds ?? false) && !this.uncopied;
      if (this.state.link === "lost" || !this.#line.open) return saved ? "waiting" : "nothing";
      return saved ? "sending" : "here";
    }
    return this.take ? safetyOf(this.take) : "nothing";
  }

  /** What nobody would hear or see: of the take that runs, or of the one that is decided on. */
  get warnings(): readonly Warning[] {
    return isLive(this.state) ? this.#senses.soFar : warningsOf(this.take);
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
      else if (effect.do === "release") this.#line.park();
      else if (effect.do === "roll") this.#roll();
      else if (effect.do === "stop") void this.#stop();
      else if (effect.do === "keep") void this.#keep();
    }
    if (state !== before || state.until > 0 || isLive(state) || state.phase === "keeping") this.#changed();
  }

  /** News about a take that came over the live connection. */
  told(take: string, server: ServerTake): void {
    if (isLive(this.state) && this.#line.ticket?.take === take) {
      if (server.state === "interrupted" || server.silent) this.#lost();
      else if (this.#silent && this.#line.connected) this.send({ type: "found" });
      this.#silent = server.silent ?? false;
    }
    if (this.take?.ticket?.take === take) this.#settle(this.take, server);
  }

  async #prepare(): Promise<void> {
    this.refusal = "";
    this.busy = false;
    this.#damaged = this.#silent = false;
    void room(this.state.limits.longest).then((bits) => (this.#bits = bits));
    try {
      if (!(await this.#line.reach(this.kind))) return;
      // Too late: the device is recording alone by now.
      if (isLive(this.state)) this.#line.cut();
      else this.send({ type: "prepared" });
    } catch (error) {
      const code = codeOf(error);
      if (this.#desk.upload && canCopy() && GO_ON_ALONE.has(code)) {
        this.#damaged = true;
        this.busy = BUSY.has(code);
        this.send({ type: "prepared" });
        this.send({ type: "lost" });
      } else {
        this.refusal = error instanceof Error ? error.message : "";
        this.send({ type: "refused", code });
      }
    }
  }

  #lost(): void {
    if (isLive(this.state)) this.#damaged = true;
    this.send({ type: "lost" });
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
    const take = this.#line.ticket?.take ?? "";
    const about = this.#desk.about && this.#bits > 0 ? { ...this.#desk.about(), take, kind: this.kind } : null;
    this.reached = this.#line.connected;
    this.#senses.start(this.stream);
    this.#copy = LocalCopy.start(this.stream, about, this.#bits || VIDEO_BITS);
    this.#easing = new Easing();
    if (this.#line.connected) {
      void this.#line.attach(this.stream).catch(() => this.send({ type: "lost" }));
    } else {
      this.#damaged = true;
      this.send({ type: "lost" });
      if (!this.#copy || !this.state.limits.alone) return this.send({ type: "fault", code: "no_connection" });
    }
    this.#awake.hold();
  }

  /** The picture that goes out comes first. */
  #ease(camera: number, sent: number, narrow: boolean): void {
    const copy = this.#copy;
    if (!copy?.goesOn || this.state.link === "lost") return;
    const ease = this.#easing.look(camera, sent, narrow);
    if (ease === "less") copy.ease();
    else if (ease === "stop") copy.halt();
  }

  async #stop(): Promise<void> {
    const ms = this.state.recordedMs;
    this.#senses.stop();
    const copying = this.#copy;
    this.#copy = null;
    const { ticket } = this.#line;
    const [caught, sent] = await Promise.all([copying?.stop(ticket?.take ?? "") ?? null, this.#line.finish()]);
    // A copy that ended too soon is not the take; what there is of it may still be sent, if the server has even less.
    const copy = copying?.goesOn === false && sent ? null : caught;
    if (!copy) caught?.release();
    const take: Take = {
      ticket,
      copy,
      url: copy ? URL.createObjectURL(copy.blob) : "",
      ms,
      server: sent ? "processing" : "none",
      film: null,
      warnings: this.#senses.warnings,
      damaged: this.#damaged || (sent?.paused === true && copy !== null),
      pictures: sent?.pictures ?? 0,
      counted: true,
    };
    this.take = take;
    if (copy) void noteCopy(copy, { pictures: take.pictures, lacking: take.damaged });
    this.#awake.release();
    this.send({ type: "stopped", ms });
    this.#spare(take);
    if (take.server === "processing") void this.#follow(take);
  }

  /** The live connection may be quicker. */
  #follow(take: Take): Promise<void> {
    const held = (): boolean => this.#holds(take);
    return untilSettled(this.#desk, take, { held, told: (server) => this.#settle(take, server), asked: this.#changed });
  }

  #holds(take: Take): boolean {
    return this.take === take || this.earlier.includes(take);
  }

  #settle(take: Take, server: ServerTake): void {
    if (server.state === "recording" || server.state === "processing") return;
    settle(take, server);
    this.#spare(take);
    if (take.copy && take.damaged) void noteCopy(take.copy, { lacking: true });
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
      const choice = { take, kind: this.kind, byCopy: this.sendsCopy };
      take.damaged = await keep(this.#desk, choice, (part) => {
        this.uploaded = part;
        this.#changed();
      });
      this.uploaded = -1;
      take.server = "ready";
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

  #deviceGone(track: MediaStreamTrack): void {
    this.send({ type: "fault", code: track.kind === "video" ? "camera_gone" : "microphone_gone" });
    if (!isLive(this.state) && this.state.phase !== "finishing") void this.open();
  }

  #forget(): void {
    this.#line.drop();
    for (const take of this.earlier) forget(take);
    if (this.take) forget(this.take);
    this.take = null;
    this.earlier = [];
    this.uploaded = -1;
    this.refusal = "";
  }
}
