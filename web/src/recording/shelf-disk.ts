/**
 * Copies in the origin's private file system, in a worker: only there can a file be written in place and flushed.
 *
 * A copy is two files: the film, which only grows, and its manifest, which is one write of a fixed size. A browser that
 * is killed leaves both as they were after the last second.
 */

import { MANIFEST_BYTES, expired, read, write, type Manifest } from "./manifest.ts";
import type { Shelf } from "./shelves.ts";

/** Of the types for workers, which cannot be had beside those for pages. */
interface Handle {
  getSize(): number;
  write(bytes: ArrayBufferView | ArrayBuffer, options: { at: number }): number;
  flush(): void;
  close(): void;
}
type Syncing = FileSystemFileHandle & { createSyncAccessHandle(): Promise<Handle> };

interface Open {
  manifest: Manifest;
  film: Handle;
  note: Handle;
}

export class Disk implements Shelf {
  readonly #folder: FileSystemDirectoryHandle;
  readonly #open = new Map<string, Open>();

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  /** Throws where there is none, as in a private window. */
  static async open(): Promise<Disk> {
    const root = await navigator.storage.getDirectory();
    const disk = new Disk(await root.getDirectoryHandle("copies", { create: true }));
    const tried = `try-${crypto.randomUUID()}`;
    const handle = await disk.#handle(tried);
    handle.close();
    await disk.#folder.removeEntry(tried);
    return disk;
  }

  async #handle(name: string): Promise<Handle> {
    const file = (await this.#folder.getFileHandle(name, { create: true })) as Syncing;
    return file.createSyncAccessHandle();
  }

  async begin(manifest: Manifest): Promise<void> {
    const open = {
      manifest,
      film: await this.#handle(`${manifest.id}.film`),
      note: await this.#handle(`${manifest.id}.json`),
    };
    put(open.note, manifest);
    this.#open.set(manifest.id, open);
  }

  async add(id: string, bytes: ArrayBuffer, ms: number): Promise<void> {
    const open = this.#open.get(id);
    if (!open) throw new Error("not open");
    const at = open.manifest.bytes;
    if (open.film.write(bytes, { at }) !== bytes.byteLength) throw new Error("no room");
    open.film.flush();
    open.manifest = { ...open.manifest, bytes: at + bytes.byteLength, ms };
    put(open.note, open.manifest);
  }

  async end(id: string): Promise<void> {
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.film.close();
    open?.note.close();
  }

  async list(): Promise<Manifest[]> {
    const found: Manifest[] = [];
    const names = (this.#folder as unknown as { keys(): AsyncIterable<string> }).keys();
    for await (const name of names) {
      if (name.endsWith(".json")) {
        const manifest = await this.#read(name.slice(0, -5));
        if (manifest) found.push(manifest);
        else await this.#clear(name);
      } else await this.#clear(name);
    }
    return found;
  }

  /** What no manifest can be read of goes when it is old. */
  async #clear(name: string): Promise<void> {
    try {
      const file = await (await this.#folder.getFileHandle(name)).getFile();
      const stray = { started: file.lastModified } as Manifest;
      if (expired(stray, Date.now())) await this.#folder.removeEntry(name);
    } catch {
      // Another tab was faster.
    }
  }

  async #read(id: string): Promise<Manifest | null> {
    const open = this.#open.get(id);
    if (open) return open.manifest;
    try {
      const file = await (await this.#folder.getFileHandle(`${id}.json`)).getFile();
      return read(await file.text());
    } catch {
      return null;
    }
  }

  async file(id: string): Promise<Blob | null> {
    const manifest = await this.#read(id);
    if (!manifest) return null;
    try {
      const file = await (await this.#folder.getFileHandle(`${id}.film`)).getFile();
      return file.slice(0, manifest.bytes, manifest.mime);
    } catch {
      return null;
    }
  }

  async note(id: string, changes: Partial<Manifest>): Promise<void> {
    const open = this.#open.get(id);
    if (open) {
      open.manifest = { ...open.manifest, ...changes };
      return put(open.note, open.manifest);
    }
    const manifest = await this.#read(id);
    if (!manifest) return;
    const handle = await this.#handle(`${id}.json`);
    try {
      put(handle, { ...manifest, ...changes });
    } finally {
      handle.close();
    }
  }

  async drop(id: string): Promise<void> {
    await this.end(id);
    for (const name of [`${id}.film`, `${id}.json`]) {
      await this.#folder.removeEntry(name).catch(() => undefined); // It is gone already.
    }
  }
}

function put(handle: Handle, manifest: Manifest): void {
  if (handle.write(write(manifest), { at: 0 }) !== MANIFEST_BYTES) throw new Error("no room");
  handle.flush();
}
