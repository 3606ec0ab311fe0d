/** The workspace's message templates: fetched when they are wanted first, and from then on as they are. */
import type { AnyPayload, MessageTemplates, MessageTemplateView } from "../live/protocol.gen.ts";
import { send } from "./api.ts";
import { follow, since } from "./live.ts";
import { api, me } from "./me.ts";
import { Sparingly } from "./sparingly.ts";

const PAUSE_MS = 150;

class Templates {
  /** By name; null until they were wanted. */
  rows: readonly MessageTemplateView[] | null = null;
  private readonly watchers = new Set<() => void>();
  private readonly again = new Sparingly(() => this.read(), PAUSE_MS);
  private starting: Promise<void> | null = null;

  /** Calls at every change until the result is called. */
  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  /** Resolves when they are there. Rejects with the server's refusal; the next wish tries again. */
  load(): Promise<void> {
    this.starting ??= this.read().then(
      (read) => this.start(read),
      (error: unknown) => {
        this.starting = null;
        throw error;
      },
    );
    return this.starting;
  }

  /** Goes on from what a page came with. */
  start(read: MessageTemplates): void {
    this.starting ??= Promise.resolve();
    this.put(read.templates);
    const topic = `workspace:${me.workspace}`;
    follow(topic, {
      ...since(topic, read),
      onEvent: (payload: AnyPayload) => void (payload.type === "templates" && this.again.soon()),
      onResync: () => this.read(),
    });
  }

  /** What the server said about one of them; events tell the same, a little later. */
  saved(template: MessageTemplateView): void {
    const others = (this.rows ?? []).filter((other) => other.id !== template.id);
    this.put([...others, template].sort((one, other) => one.name.localeCompare(other.name)));
  }

  dropped(id: string): void {
    this.put((this.rows ?? []).filter((other) => other.id !== id));
  }

  refresh(): Promise<unknown> {
    return this.read();
  }

  private async read(): Promise<MessageTemplates> {
    const read = await send<MessageTemplates>("GET", api("message-templates"));
    this.put(read.templates);
    return read;
  }

  private put(rows: readonly MessageTemplateView[]): void {
    this.rows = rows;
    for (const changed of this.watchers) changed();
  }
}

export const templates = new Templates();
