/** The worker that writes the browser's own copies: opens the best place there is, and does one thing after the other. */

import { Database } from "../recording/shelf-database.ts";
import { Disk } from "../recording/shelf-disk.ts";
import type { Asked, Shelf, Told, Where } from "../recording/shelves.ts";

const page = self as unknown as { postMessage(told: Told): void; onmessage: (event: MessageEvent<Asked>) => void };
let shelf: Shelf | null = null;
let last: Promise<void> = Promise.resolve();

async function open(): Promise<Where> {
  try {
    shelf = await Disk.open();
    return "disk";
  } catch {
    // A private window, or a browser that has none.
  }
  try {
    shelf = await Database.open();
    return "database";
  } catch {
    return "none";
  }
}

async function answer(asked: Asked): Promise<void> {
  try {
    let result: unknown;
    if (asked.do === "open") result = await open();
    else if (!shelf) throw new Error("no place");
    else result = await (shelf[asked.do] as (...words: unknown[]) => Promise<unknown>).call(shelf, ...asked.with);
    page.postMessage({ n: asked.n, fine: true, result });
  } catch (error) {
    page.postMessage({ n: asked.n, fine: false, result: String(error) });
  }
}

page.onmessage = ({ data }) => {
  last = last.then(() => answer(data));
};
