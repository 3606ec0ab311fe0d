/**
 * JSON over HTTP to our own origin. Every durable request carries an Idempotency-Key, so that a repeat after a lost
 * reply changes nothing twice; every refusal arrives as a `Failure` with a stable code and a sentence for people.
 */

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Refusal {
  code?: string;
  message?: string;
  fields?: Record<string, string>;
}

export interface Options {
  /** The Idempotency-Key; a fresh one when left out. Pass the same one to repeat a request. */
  key?: string;
  signal?: AbortSignal;
  /** Let it end even when the page is left meanwhile; for small bodies. */
  keepalive?: boolean;
}

/** A refusal by the server, or `unreachable` when no reply came. `retryAfter` is in seconds. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly fields: Record<string, string> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = "Failure";
  }

  /** Worth sending the same request again: nothing of it was refused, it only did not get through. */
  get passing(): boolean {
    return this.code === "unreachable" || this.status === 503 || this.status === 502 || this.status === 504;
  }
}

/** A UUID version 4, on insecure origins too (where `crypto.randomUUID` is missing). */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") {
    return crypto.randomUUID();
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Sends a request and returns the reply's JSON (undefined when it has none). Throws `Failure`. */
export async function send<T>(method: Method, path: string, body?: unknown, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") {
    headers["idempotency-key"] = options.key ?? newKey();
  }
  if (body !== undefined) {
    headers["content-type"] = "application/json";
  }
  let reply: Response;
  try {
    reply = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? null : JSON.stringify(body),
      signal: options.signal ?? null,
      keepalive: options.keepalive ?? false,
    });
  } catch (error) {
    throw unreachable(error);
  }
  if (!reply.ok) {
    throw await refusal(reply);
  }
  try {
    const text = await reply.text();
    return (text ? JSON.parse(text) : undefined) as T;
  } catch (error) {
    throw unreachable(error); // cut in the middle, or the page of a network that wants a sign-in of its own
  }
}

/** Sends a file as it is and returns the reply's JSON. Throws `Failure`. */
export async function sendFile<T>(path: string, file: Blob): Promise<T> {
  const reply = await posted(path, file, "application/octet-stream");
  return (await reply.json()) as T;
}

/** Posts a request whose reply is a file, and returns it with the name that it is given. Throws `Failure`. */
export async function fetchFile(path: string, body: unknown): Promise<{ name: string; blob: Blob }> {
  const reply = await posted(path, JSON.stringify(body), "application/json");
  const name = /filename="([^"]+)"/.exec(reply.headers.get("content-disposition") ?? "")?.[1] ?? "";
  try {
    return { name, blob: await reply.blob() };
  } catch (error) {
    throw unreachable(error);
  }
}

async function posted(path: string, body: BodyInit, type: string): Promise<Response> {
  const headers = { accept: "application/json", "idempotency-key": newKey(), "content-type": type };
  let reply: Response;
  try {
    reply = await fetch(path, { method: "POST", headers, credentials: "same-origin", body });
  } catch (error) {
    throw unreachable(error);
  }
  if (!reply.ok) throw await refusal(reply);
  return reply;
}

function unreachable(error: unknown): unknown {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  return new Failure("unreachable", "Greenroom cannot be reached just now. Please try again.", 0);
}

async function refusal(reply: Response): Promise<Failure> {
  let told: Refusal = {};
  try {
    told = (await reply.json()) as Refusal;
  } catch {
    // A proxy's page instead of our JSON: the status has to do.
  }
  const after = Number(reply.headers.get("retry-after"));
  return new Failure(
    told.code ?? "unavailable",
    told.message ?? "Something went wrong on our side. Please try again in a moment.",
    reply.status,
    told.fields ?? {},
    Number.isFinite(after) && after > 0 ? after : null,
  );
}

/** What to tell a person about anything that was thrown; of what does not fit, why. */
export function sentence(error: unknown): string {
  if (error instanceof Failure) return (error.code === "invalid" && Object.values(error.fields)[0]) || error.message;
  return "Something went wrong in this page. Reload it and try again.";
}
