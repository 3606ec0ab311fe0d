/** What is known of a recorded take, and what can truly be said about its safety. Pure. */

import type { RecordingTicket } from "../live/protocol.gen.ts";
import type { MovieState } from "../lib/sources.ts";
import type { Warning } from "./impression.ts";
import type { Copy } from "./copy.ts";
import { isWhole, type Known } from "./manifest.ts";

export type { Warning };

export type ServerState = "recording" | "processing" | "ready" | "interrupted" | "failed";

export interface ServerTake extends Known {
  state: ServerState;
  url: string;
  /** What the worker found out and made, as far as it is; a job video has none of it. */
  mime?: string;
  mp4?: string;
  movie?: MovieState;
  movie_percent?: number;
  warnings?: readonly Warning[];
  /** It is being recorded, and nothing has come to the recorder for some seconds. */
  silent?: boolean;
}

/** Something that was recorded, as far as this page knows. */
export interface Take {
  ticket: RecordingTicket | null;
  copy: Copy | null;
  /** Plays the take: the copy's object URL, or the server's file; empty until there is one. */
  url: string;
  ms: number;
  server: ServerState | "none";
  /** What the server says of its file. */
  film: ServerTake | null;
  /** What this page itself found while it was recorded. */
  warnings?: readonly Warning[];
  /** The server's file misses something; the copy is the better one. */
  damaged: boolean;
  /** Pictures that went to the recorder through the encoder, 0 when unknown. */
  pictures: number;
  /** It was taken off the takes that are left. */
  counted: boolean;
}

export type Safety =
  | "nothing"
  | "here" // saved on this device
  | "sending" // saved here and on its way
  | "waiting" // saved here, the network is away
  | "safe" // the server says it is ready
  | "partly" // only part of it reached the server and there is no copy
  | "gone";

export function safetyOf(take: Take): Safety {
  if (take.server === "ready" && !take.damaged) return "safe";
  const missing = take.server === "failed" || take.server === "none";
  const partly = take.server === "interrupted" || (take.server === "ready" && take.damaged);
  if (take.copy) return take.damaged || missing || partly ? "waiting" : "sending";
  if (partly) return "partly";
  return missing ? "gone" : "sending";
}

/** The server does not have it whole yet: what there is of it must be kept. */
export function onlyHere(take: Take): boolean {
  const safety = safetyOf(take);
  return safety === "waiting" || safety === "sending";
}

/** The server is done with a take, and says what it has of it. */
export function settle(take: Take, server: ServerTake): void {
  take.server = server.state;
  take.film = server;
  if (!take.copy) {
    take.url = server.url;
    if (server.duration_ms > 0) take.ms = server.duration_ms;
  } else if (server.state === "ready" && !isWhole(server, take)) {
    take.damaged = true; // Less of it than this page recorded.
  }
}

/** What the server has will do until the copy, which is on the device, has followed by itself. */
export function follows(take: Take): boolean {
  return take.server === "ready" && take.damaged && (take.copy?.onDevice ?? false);
}

/** It would be lost with this page. */
export function endangered(take: Take): boolean {
  return onlyHere(take) && !take.copy?.onDevice;
}

/** Lets go of the memory behind a take that is not shown any more, and of its copy: others may see to that now. */
export function forget(take: Take): void {
  take.copy?.release();
  if (take.url.startsWith("blob:")) URL.revokeObjectURL(take.url);
}

/** What nobody would hear or see of it, as this page or the server found. */
export function warningsOf(take: Take | null): Warning[] {
  return [...new Set([...(take?.warnings ?? []), ...(take?.film?.warnings ?? [])])];
}
