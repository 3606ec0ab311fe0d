/** What a place for copies can do; the disk's and the database's are alike. Only types. */

import type { Manifest } from "./manifest.ts";

export interface Shelf {
  begin(manifest: Manifest): Promise<void>;
  /** Adds a second, and says in the manifest that it is there. Resolves when it is on the device. */
  add(id: string, bytes: ArrayBuffer, ms: number): Promise<void>;
  end(id: string): Promise<void>;
  list(): Promise<Manifest[]>;
  file(id: string): Promise<Blob | null>;
  note(id: string, changes: Partial<Manifest>): Promise<void>;
  drop(id: string): Promise<void>;
}

export type Where = "disk" | "database" | "none";
export type Order = { [Name in keyof Shelf]: { do: Name; with: Parameters<Shelf[Name]> } }[keyof Shelf];
export type Asked = { n: number } & (Order | { do: "open"; with: [] });
export interface Told {
  n: number;
  fine: boolean;
  result: unknown;
}
