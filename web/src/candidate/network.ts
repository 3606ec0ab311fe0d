/**
 * The network test of the device check: how fast things travel up and down, and whether the live connection opens.
 *
 * It measures with our own server and in small pieces: a slow line must not spend the candidate's data, and must not be
 * kept busy for longer than a few seconds.
 */

import { session } from "./remembered.ts";

export type Verdict = "good" | "slow" | "poor" | "no_live" | "dead";

export interface NetworkResult {
  verdict: Verdict;
  /** Bits per second, 0 when not measured. */
  up: number;
  down: number;
}

const SMALL = 64 * 1024;
const LARGE = 384 * 1024;
const PATIENCE_MS = 8000;
const POOR = 250_000;

export const NETWORK_WORDS: Record<Verdict, { title: string; what: string }> = {
  good: {
    title: "Your network is good enough",
    what: "If it drops, we keep recording here and send the rest later.",
  },
  slow: {
    title: "Your network is on the slow side",
    what: "The picture may be less sharp, your voice stays clear. Nothing gets lost.",
  },
  poor: {
    title: "Your network is very slow",
    what: "Recording works, sending takes a while. Sound only or writing would be quicker.",
  },
  no_live: {
    title: "Your network blocks live connections",
    what: "Recording works all the same: what does not get through is sent as a file afterwards.",
  },
  dead: {
    title: "We cannot reach the server",
    what: "Check your network. This page tries again by itself, and nothing is lost.",
  },
};

export async function testNetwork(api: string, live: string): Promise<NetworkResult> {
  const socket = opensSocket(live);
  try {
    await timed(`${api}/speed?bytes=1024`, null); // The first request pays for the connection, and is not counted.
    const down = await best((bytes) => timed(`${api}/speed?bytes=${bytes}`, null));
    const up = await best((bytes) => timed(`${api}/speed`, new Blob([noise(bytes)])));
    return { verdict: judge(up, await socket), up, down };
  } catch {
    return { verdict: "dead", up: 0, down: 0 };
  }
}

/** Bits per second upwards, as measured in this tab; 0 when not (yet). */
export function uplink(): number {
  return Number(session.get("uplink")) || 0;
}

/** Measures it where nobody came through the device check, so that the first picture is as sharp as the line allows. */
export async function measureUplink(api: string): Promise<void> {
  if (uplink() > 0) return;
  try {
    await timed(`${api}/speed?bytes=1024`, null);
    rememberUplink(await best((bytes) => timed(`${api}/speed`, new Blob([noise(bytes)]))));
  } catch {
    // Unknown, as before: the picture then begins small.
  }
}

export function rememberUplink(bitsPerSecond: number): void {
  session.set("uplink", bitsPerSecond > 0 ? String(Math.round(bitsPerSecond)) : "");
}

/** Too slow for a picture that anybody likes to watch: sound alone, or writing, is offered. */
export function isNarrow(): boolean {
  return uplink() > 0 && uplink() < POOR;
}

function judge(up: number, live: boolean): Verdict {
  if (up < POOR) return "poor";
  if (up < 900_000) return "slow";
  return live ? "good" : "no_live";
}

/** A small piece first; the large one only where the small one was quick. Bits per second. */
async function best(measure: (bytes: number) => Promise<number>): Promise<number> {
  const small = (SMALL * 8) / (await measure(SMALL));
  if (small < 400_000) return small;
  return Math.max(small, (LARGE * 8) / (await measure(LARGE)));
}

/** Seconds a request takes, with its whole body. */
async function timed(url: string, body: Blob | null): Promise<number> {
  const from = performance.now();
  const reply = await fetch(url, {
    method: body ? "POST" : "GET",
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body ? { body, headers: { "Content-Type": "application/octet-stream" } } : {}),
  });
  if (!reply.ok) throw new Error(`speed test: ${reply.status}`);
  await reply.arrayBuffer();
  return Math.max(0.001, (performance.now() - from) / 1000);
}

function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(data.subarray(at, Math.min(bytes, at + 65_536)));
  return data;
}

function opensSocket(live: string): Promise<boolean> {
  return new Promise((resolve) => {
    let socket: WebSocket;
    const done = (opened: boolean): void => {
      clearTimeout(timer);
      resolve(opened);
      socket?.close();
    };
    const timer = setTimeout(() => done(false), 5000);
    try {
      socket = new WebSocket(new URL(live, location.href.replace(/^http/, "ws")));
      socket.addEventListener("open", () => done(true));
      socket.addEventListener("error", () => done(false));
    } catch {
      done(false);
    }
  });
}
