/**
 * The copies on this device, as a page asks for them: a worker keeps them (workers/shelf.ts).
 *
 * `shelf()` resolves with the one of this page, or null where nothing can be kept beyond the page. Who works on a copy
 * holds its lock, by its id, so that one tab alone records, decides on or sends it; a tab that dies lets go by itself.
 */

import type { Asked, Order, Shelf, Told, Where } from "./shelves.ts";

declare const SHELF_WORKER: string;

const PATIENCE_MS = 6000;

class Remote {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (told: Told) => void>();
  #n = 0;

  constructor() {
    this.#worker = new Worker(new URL(SHELF_WORKER, import.meta.url));
    this.#worker.onmessage = ({ data }: MessageEvent<Told>) => {
      this.#waiting.get(data.n)?.(data);
      this.#waiting.delete(data.n);
    };
    this.#worker.onerror = () => {
      for (const [n, tell] of this.#waiting) tell({ n, fine: false, result: "the worker failed" });
      this.#waiting.clear();
    };
  }

  ask(order: Order | { do: "open"; with: [] }, moved: Transferable[] = []): Promise<unknown> {
    const n = ++this.#n;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS * 5);
      this.#waiting.set(n, (told) => {
        clearTimeout(timer);
        if (told.fine) resolve(told.result);
        else reject(new Error(String(told.result)));
      });
      const asked: Asked = { n, ...order };
      this.#worker.postMessage(asked, moved);
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}

async function open(): Promise<Shelf | null> {
  try {
    const remote = new Remote();
    const late = new Promise<Where>((resolve) => setTimeout(() => resolve("none"), PATIENCE_MS));
    const where = await Promise.race([remote.ask({ do: "open", with: [] }) as Promise<Where>, late]);
    if (where === "none") {
      remote.close();
      return null;
    }
    // Chromium and Safari decide by themselves; Firefox would ask the person in the middle of it.
    if (!navigator.userAgent.includes("Firefox")) void navigator.storage.persist?.().catch(() => false);
    const ask = <T>(order: Order, moved?: Transferable[]): Promise<T> => remote.ask(order, moved) as Promise<T>;
    return {
      begin: (...words) => ask({ do: "begin", with: words }),
      add: (...words) => ask({ do: "add", with: words }, [words[1]]),
      end: (...words) => ask({ do: "end", with: words }),
      list: () => ask({ do: "list", with: [] }),
      file: (...words) => ask({ do: "file", with: words }),
      note: (...words) => ask({ do: "note", with: words }),
      drop: (...words) => ask({ do: "drop", with: words }),
    };
  } catch {
    return null;
  }
}

let opened: Promise<Shelf | null> | null = null;

export function shelf(): Promise<Shelf | null> {
  return (opened ??= open());
}

/** Bytes that this site may still keep on the device; many when the browser does not say. */
export async function freeBytes(): Promise<number> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? Infinity : quota - (usage ?? 0);
  } catch {
    return Infinity;
  }
}

const lockOf = (id: string): string => `greenroom.copy.${id}`;

/** Holds a copy until the returned function is called. */
export function hold(id: string): () => void {
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  void navigator.locks?.request(lockOf(id), () => until).catch(() => undefined);
  return release;
}

/** Works on a copy unless somebody else does; false then. */
export async function unlessHeld(id: string, work: () => Promise<void>): Promise<boolean> {
  if (!navigator.locks) {
    await work();
    return true;
  }
  return navigator.locks.request(lockOf(id), { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}
