/**
 * A copy on its way: tus 1.0, in pieces, so that whatever breaks off goes on where it was.
 *
 * The address that the server gives is handed out at once; whoever keeps it can go on after a reload or next week. The
 * client's code comes with the page: it is needed most when nothing can be fetched. Errors are `Failure`: "unreachable"
 * and "unavailable" pass.
 */

import { DetailedError, Upload } from "tus-js-client";
import { Failure } from "../lib/api.ts";

/** The most that the server takes at once. */
const PIECE = 5 << 20;
/** Without a byte for so long the connection is taken for dead. */
const STALL_MS = 40_000;
/** What may be different in a moment, but for a quota: it shares its status with what comes too often. */
const PASSING: ReadonlySet<number> = new Set([409, 423, 429, 460]);

export interface Parcel {
  blob: Blob;
  endpoint: string;
  /** Where an earlier try got to; empty for none. */
  upload: string;
  metadata: Record<string, string>;
  /** The address to go on at. */
  addressed: (url: string) => void;
  /** 0..1, of what the server has. */
  progress: (part: number) => void;
  /** Stops it for now, as if the network had gone. */
  signal?: AbortSignal;
}

/** Sends all of it. */
export async function post(parcel: Parcel): Promise<void> {
  let timer = 0;
  let cancel = (): void => undefined;
  const sent = new Promise<void>((resolve, reject) => {
    const upload = new Upload(parcel.blob, {
      endpoint: new URL(parcel.endpoint, location.href).href,
      ...(parcel.upload ? { uploadUrl: parcel.upload } : {}),
      metadata: parcel.metadata,
      chunkSize: PIECE,
      retryDelays: [500, 2000],
      storeFingerprintForResuming: false,
      onUploadUrlAvailable: () => parcel.addressed(upload.url ?? ""),
      onProgress: (bytes, total) => {
        wait();
        parcel.progress(total > 0 ? bytes / total : 0);
      },
      onSuccess: () => resolve(),
      onError: (error) => reject(error instanceof DetailedError ? failure(error.originalResponse) : error),
    });
    const wait = (): void => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => cancel(), STALL_MS);
    };
    cancel = () => {
      void upload.abort();
      reject(new Failure("unreachable", "", 0));
    };
    wait();
    upload.start();
  });
  window.addEventListener("offline", cancel);
  parcel.signal?.addEventListener("abort", cancel);
  try {
    await sent;
  } finally {
    window.clearTimeout(timer);
    window.removeEventListener("offline", cancel);
    parcel.signal?.removeEventListener("abort", cancel);
  }
}

interface Reply {
  getStatus(): number;
  getBody(): string;
}

function failure(reply: Reply | null | undefined): Failure {
  const status = reply?.getStatus() ?? 0;
  if (!reply || status === 0) return new Failure("unreachable", "", 0);
  let told: { code?: string; message?: string } = {};
  try {
    told = JSON.parse(reply.getBody()) as typeof told;
  } catch {
    // A reply to HEAD has no body.
  }
  const passing = (PASSING.has(status) && told.code !== "quota_exceeded") || status >= 500;
  const code = passing ? "unavailable" : (told.code ?? "refused");
  return new Failure(status === 507 ? "storage_low" : code, told.message ?? "", status);
}
