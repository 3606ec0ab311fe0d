/**
 * Sending a recording: WebRTC-HTTP ingestion (RFC 9725), from the browser's side.
 *
 * The connection is made while the countdown runs, with senders that carry nothing; `attach()` hands them the tracks at
 * the red dot, so that the file on the server begins with the answer and not with the breath before it. There is no
 * trickle: the offer waits for its candidates (a moment on any network) and goes out whole.
 *
 * A `failed` connection is not closed: after a cut of half a minute it comes back by itself. What the watcher reports is
 * "lost" and "found"; the recorder page goes on with the browser's own copy in between.
 */

import type { RecordingTicket } from "../live/protocol.gen.ts";
import { Estimate } from "./estimate.ts";
import { Fitting, type Fit } from "./fitting.ts";
import { Hearing } from "./hearing.ts";

const GATHER_MS = 2000;
const CONNECT_MS = 9000;
const MAX_BITRATE = 2_000_000;
const SETTLE_MS = 2000;
/** What is on its way when the tracks are taken off still arrives. */
const LAST_PACKETS_MS = 300;
const REST_MS = 700;

export class WhipError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status = 0, message = code) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface WhipOptions {
  ticket: RecordingTicket;
  video: boolean;
  /** Bits per second the device check measured upwards; 0 when it was not measured. */
  uplink: number;
  onLost: () => void;
  onFound: () => void;
  onRate: Rate;
  /** What of the picture goes out has changed, or could. */
  onFit: () => void;
}

/** Pictures per second: what the camera gives and what goes out. `narrow`: the network is what limits it. */
export type Rate = (camera: number, sent: number, narrow: boolean) => void;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class WhipSession {
  readonly #options: WhipOptions;
  readonly #connection: RTCPeerConnection;
  /** Where the recording is ended: by the ticket's address, until the server has named one. */
  #location = "";
  #audio: RTCRtpTransceiver;
  #video: RTCRtpTransceiver | null = null;
  #watch = 0;
  #hearing = new Hearing(0);
  #lost = false;
  readonly #fitting: Fitting;
  #estimate = new Estimate();
  #applied: Fit = "soft";
  #closed = false;
  /** Pictures that went through the encoder, as of the last look. */
  encoded = 0;
  /** For a while no pictures went out. */
  paused = false;
  /** Media has been handed over. */
  attached = false;
  #attachedAt = 0;
  #onPageHide = (): void => {
    void this.#delete(true);
  };
  #onOffline = (): void => {
    this.#hearing.offline();
    this.#setLost();
  };

  constructor(options: WhipOptions) {
    this.#options = options;
    this.#fitting = new Fitting(options.uplink);
    this.#connection = new RTCPeerConnection({
      iceServers: options.ticket.ice_servers as unknown as RTCIceServer[],
      bundlePolicy: "max-bundle",
    });
    this.#audio = this.#connection.addTransceiver("audio", { direction: "sendonly" });
    if (options.video) {
      this.#video = this.#connection.addTransceiver("video", {
        direction: "sendonly",
        sendEncodings: [{ maxBitrate: MAX_BITRATE }],
      });
      preferVp8(this.#video);
    }
  }

  /** Offers, waits for the answer and for the connection. Throws WhipError. */
  async connect(): Promise<void> {
    const connection = this.#connection;
    this.#location = new URL(this.#options.ticket.whip_url, location.href).href;
    window.addEventListener("pagehide", this.#onPageHide); // From the ticket on the server waits for us.
    await connection.setLocalDescription();
    await gathered(connection);
    if (this.#closed) return;
    const answer = await this.#post(connection.localDescription?.sdp ?? "");
    if (this.#closed) return this.#delete(false);
    try {
      await connection.setRemoteDescription({ type: "answer", sdp: answer });
    } catch {
      throw new WhipError("bad_answer");
    }
    window.addEventListener("offline", this.#onOffline);
    await connected(connection);
    await this.#fit(); // Before there is a picture: on a link known to be good the very first frame is a whole one.
    this.#hearing = new Hearing(performance.now());
    connection.addEventListener("connectionstatechange", () => this.#follow());
    this.#watch = window.setInterval(() => void this.#look(), 500);
  }

  async #post(sdp: string): Promise<string> {
    const { ticket } = this.#options;
    let reply: Response;
    try {
      reply = await fetch(ticket.whip_url, {
        method: "POST",
        body: sdp,
        headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${ticket.ticket}` },
        signal: AbortSignal.timeout(CONNECT_MS + 9000),
      });
    } catch {
      throw new WhipError("unreachable");
    }
    if (reply.status !== 201) {
      const failure = (await reply.json().catch(() => ({}))) as { code?: string; message?: string };
      throw new WhipError(failure.code ?? "unavailable", reply.status, failure.message);
    }
    this.#location = new URL(
      reply.headers.get("Location") ?? ticket.whip_url,
      new URL(ticket.whip_url, location.href),
    ).href;
    return reply.text();
  }

  /** What of the picture goes out. */
  get fit(): Fit {
    return this.#fitting.fit;
  }

  /** The link would carry the picture again. */
  get offered(): boolean {
    return this.#fitting.offered;
  }

  /** Somebody wants the picture to go out again. */
  async picture(): Promise<void> {
    this.#fitting.again();
    await this.#fit();
  }

  get connected(): boolean {
    return !this.#closed && this.#connection.connectionState === "connected";
  }

  /** The red dot: media flows from here. */
  async attach(stream: MediaStream): Promise<void> {
    this.attached = true;
    this.#attachedAt = performance.now();
    this.#hearing.flows(this.#attachedAt);
    const audio = stream.getAudioTracks()[0] ?? null;
    const video = stream.getVideoTracks()[0] ?? null;
    await Promise.all([this.#audio.sender.replaceTrack(audio), this.#video?.sender.replaceTrack(video)]);
  }

  /** The end: lets the last packets out, then says goodbye. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#closed) return;
    window.clearInterval(this.#watch);
    if (this.#connection.connectionState === "connected") {
      await this.#count();
      // Both at once: what a sound that seems to end too early really lacks, the recorder puts where it is missing.
      const senders = [this.#audio.sender, this.#video?.sender];
      await Promise.allSettled(senders.map((sender) => sender?.replaceTrack(null)));
      window.setTimeout(() => void rest(this.#video?.sender), REST_MS);
      await pause(LAST_PACKETS_MS);
    }
    await this.#delete(false);
  }

  /** Asks the server to end the recording and drops the connection. `leaving` survives the page being closed. */
  #delete(leaving: boolean): Promise<void> {
    if (this.#closed && !this.#location) return Promise.resolve();
    this.#closed = true;
    window.removeEventListener("pagehide", this.#onPageHide);
    window.removeEventListener("offline", this.#onOffline);
    window.clearInterval(this.#watch);
    const where = this.#location;
    this.#location = "";
    const said = where
      ? fetch(where, {
          method: "DELETE",
          keepalive: leaving,
          headers: { Authorization: `Bearer ${this.#options.ticket.ticket}` },
          ...(leaving ? {} : { signal: AbortSignal.timeout(6000) }),
        }).then(
          () => undefined,
          () => undefined, // The recorder notices the silence by itself.
        )
      : Promise.resolve();
    return said.finally(() => this.#connection.close());
  }

  close(): void {
    void this.#delete(false);
  }

  #follow(): void {
    this.#hearing.state(this.#connection.connectionState);
    this.#setLost();
  }

  #setLost(): void {
    const { lost } = this.#hearing;
    if (lost === this.#lost || this.#closed) return;
    this.#lost = lost;
    if (lost) this.#options.onLost();
    else this.#options.onFound();
  }

  /** Twice a second: does anything come back from the recorder, and how much does the link carry? */
  async #look(): Promise<void> {
    let received = 0;
    let available = 0;
    let camera = 0;
    let sent = 0;
    let narrow = false;
    let bytes = 0;
    let lost = 0;
    let trip = 0;
    const stats = await this.#connection.getStats().catch(() => null);
    if (!stats || this.#closed) return;
    stats.forEach((report: Record<string, unknown>) => {
      if (report["type"] === "media-source" && report["kind"] === "video")
        camera = Number(report["framesPerSecond"] ?? 0);
      if (report["type"] === "outbound-rtp" && report["kind"] === "video") {
        sent = Number(report["framesPerSecond"] ?? 0);
        this.encoded = Number(report["framesEncoded"] ?? 0);
        narrow = report["qualityLimitationReason"] === "bandwidth";
      }
      if (report["type"] === "outbound-rtp")
        bytes += Number(report["bytesSent"] ?? 0) + Number(report["headerBytesSent"] ?? 0);
      if (report["type"] === "remote-inbound-rtp") {
        lost = Math.max(lost, Number(report["fractionLost"] ?? 0));
        trip = Math.max(trip, Number(report["roundTripTime"] ?? 0));
      }
      if (report["type"] !== "candidate-pair") return;
      received += Number(report["bytesReceived"] ?? 0);
      if (report["nominated"]) available = Math.max(available, Number(report["availableOutgoingBitrate"] ?? 0));
    });
    const now = performance.now();
    this.#hearing.look(received, now, navigator.onLine);
    this.#setLost();
    // Before media flows, and in its first moments, the estimate is only the browser's guess.
    if (!this.attached || now - this.#attachedAt < SETTLE_MS) return;
    if (!this.#video || this.#lost) return;
    const { fit, offered } = this;
    const estimated = this.#estimate.look({ at: now, bytes, lost, trip, camera, sent });
    this.#fitting.look(available || estimated);
    if (this.#applied !== "sound") this.#options.onRate(camera, sent, narrow);
    if (fit !== this.fit) await this.#fit();
    else if (offered !== this.offered) this.#options.onFit();
  }

  /** The pictures of a last moment, before the tracks are taken off. */
  async #count(): Promise<void> {
    const stats = await this.#connection.getStats().catch(() => null);
    stats?.forEach((report: Record<string, unknown>) => {
      if (report["type"] === "outbound-rtp" && report["kind"] === "video")
        this.encoded = Number(report["framesEncoded"] ?? this.encoded);
    });
  }

  /** Does what the link asks for: an encoder at rest sends nothing, and begins with a whole picture when it wakes. */
  async #fit(): Promise<void> {
    const sender = this.#video?.sender;
    const { fit } = this;
    if (!sender || fit === this.#applied) return;
    this.#applied = fit;
    this.paused ||= fit === "sound";
    const parameters = sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string };
    for (const encoding of parameters.encodings) encoding.active = fit !== "sound";
    parameters.degradationPreference = fit === "sharp" ? "maintain-resolution" : "balanced";
    await sender.setParameters(parameters).catch(() => undefined); // Firefox knows no such preference.
    this.#options.onFit();
  }
}

/** Sends no more. Until then what the recorder asks for is sent again; a second after its last picture a video sender
 * without a track would repeat that picture (Firefox). */
async function rest(sender: RTCRtpSender | undefined): Promise<void> {
  if (!sender || sender.transport?.state !== "connected") return;
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) encoding.active = false;
  await sender.setParameters(parameters).catch(() => undefined); // It closes at this moment.
}

/** VP8 first: it is what the recorder writes to the file as it comes. The rest stays as a browser wants it. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  const vp8 = codecs.filter((codec) => codec.mimeType.toLowerCase() === "video/vp8");
  if (vp8.length === 0 || !transceiver.setCodecPreferences) return;
  const rest = codecs.filter((codec) => !vp8.includes(codec));
  try {
    transceiver.setCodecPreferences([...vp8, ...rest]);
  } catch {
    // An older browser with other ideas about the list; the answer picks VP8 anyway.
  }
}

function gathered(connection: RTCPeerConnection): Promise<void> {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

function connected(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new WhipError("no_connection")), CONNECT_MS);
    const look = (): void => {
      if (connection.connectionState === "connected") {
        clearTimeout(timer);
        resolve();
      } else if (connection.connectionState === "failed" || connection.connectionState === "closed") {
        clearTimeout(timer);
        reject(new WhipError("no_connection"));
      }
    };
    connection.addEventListener("connectionstatechange", look);
    look();
  });
}
