/** Copies in IndexedDB, where there is no private file system: a manifest, and one entry for every second. */

import type { Manifest } from "./manifest.ts";
import type { Shelf } from "./shelves.ts";

const NAME = "greenroom-copies";

export class Database implements Shelf {
  readonly #base: IDBDatabase;

  private constructor(base: IDBDatabase) {
    this.#base = base;
  }

  /** Throws where there is none. */
  static async open(): Promise<Database> {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("manifests", { keyPath: "id" });
      opening.result.createObjectStore("pieces");
    };
    const base = await done(opening);
    base.onversionchange = () => base.close();
    return new Database(base);
  }

  /** One transaction over both stores; resolves when it is on the device. */
  #change(work: (manifests: IDBObjectStore, pieces: IDBObjectStore) => void): Promise<void> {
    const transaction = this.#base.transaction(["manifests", "pieces"], "readwrite", { durability: "strict" });
    work(transaction.objectStore("manifests"), transaction.objectStore("pieces"));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("no room"));
    });
  }

  #update(id: string, change: (manifest: Manifest, pieces: IDBObjectStore) => Manifest): Promise<void> {
    return this.#change((manifests, pieces) => {
      const reading = manifests.get(id);
      reading.onsuccess = () => {
        const manifest = reading.result as Manifest | undefined;
        if (manifest) manifests.put(change(manifest, pieces));
        else reading.transaction?.abort();
      };
    });
  }

  begin(manifest: Manifest): Promise<void> {
    return this.#change((manifests) => manifests.put(manifest));
  }

  add(id: string, bytes: ArrayBuffer, ms: number): Promise<void> {
    return this.#update(id, (manifest, pieces) => {
      pieces.put(bytes, [id, manifest.bytes]);
      return { ...manifest, bytes: manifest.bytes + bytes.byteLength, ms };
    });
  }

  async end(): Promise<void> {}

  #manifests(): IDBObjectStore {
    return this.#base.transaction("manifests").objectStore("manifests");
  }

  list(): Promise<Manifest[]> {
    return done(this.#manifests().getAll() as IDBRequest<Manifest[]>);
  }

  async file(id: string): Promise<Blob | null> {
    const manifest = await done(this.#manifests().get(id) as IDBRequest<Manifest | undefined>);
    if (!manifest) return null;
    const pieces = this.#base.transaction("pieces").objectStore("pieces");
    const parts = await done(pieces.getAll(range(id)) as IDBRequest<ArrayBuffer[]>);
    return new Blob(parts, { type: manifest.mime });
  }

  note(id: string, changes: Partial<Manifest>): Promise<void> {
    return this.#update(id, (manifest) => ({ ...manifest, ...changes })).catch(() => undefined);
  }

  drop(id: string): Promise<void> {
    return this.#change((manifests, pieces) => {
      manifests.delete(id);
      pieces.delete(range(id));
    });
  }
}

function range(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id, 0], [id, Infinity]);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("refused"));
  });
}
