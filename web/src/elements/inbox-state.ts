/**
 * What this tab knows of the member's bell, once for all that shows it. The page brings the counts and the position they
 * were read at; from there the member's own topic keeps every tab and device in step. Lines are fetched when somebody
 * looks. No drawing in here.
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { AnyPayload, Bell, Inbox, JobHearing, Notification, OlderNotifications } from "../live/protocol.gen.ts";
import { applyToInbox } from "../live/store.ts";
import { send } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";
import { follow, since } from "../lib/live.ts";
import { api, me } from "../lib/me.ts";

export type Filter = "all" | "mine";
/** The counts, and the lines as far as they were fetched. */
type State = Bell & Partial<Pick<Inbox, "notifications" | "more">>;
type Which = { id?: string; url?: string };
type Hearing = { muted?: boolean; until?: string | null; applications?: boolean };

class BellState {
  private state: State = pageData<Bell>("bell");
  private mine: State | null = null;
  private hosts = new Set<ReactiveControllerHost>();
  private listeners = new Set<(line: Notification) => void>();
  private fetching = new Map<Filter, Promise<void>>();

  constructor() {
    const topic = `member:${me.id}`;
    follow(topic, {
      ...since(topic, this.state),
      onEvent: (payload) => this.apply(payload),
      onResync: () => this.resync(),
    });
  }

  get unread(): number {
    return this.state.unread;
  }

  /** Whether there is anything to tell apart by "Mine". */
  get hasMine(): boolean {
    return this.state.mine;
  }

  get hearings(): readonly JobHearing[] {
    return this.state.hearings;
  }

  hearingOf(job: string): JobHearing | undefined {
    return this.state.hearings.find((hearing) => hearing.job === job);
  }

  /** Newest first; undefined until they were fetched. */
  lines(filter: Filter): readonly Notification[] | undefined {
    return this.of(filter)?.notifications;
  }

  more(filter: Filter): boolean {
    return this.of(filter)?.more ?? false;
  }

  /** Calls for every line that arrives from now on. */
  onNews(listener: (line: Notification) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watch(host: ReactiveControllerHost): void {
    this.hosts.add(host);
  }

  unwatch(host: ReactiveControllerHost): void {
    this.hosts.delete(host);
  }

  /** The page has brought the newest lines. */
  begin(inbox: Inbox): void {
    if (this.state.notifications || inbox.positions[`member:${me.id}`]! < this.state.positions[`member:${me.id}`]!)
      return;
    this.state = { ...this.state, notifications: inbox.notifications, more: inbox.more };
  }

  /** Fetch the newest lines unless they are here. Throws `Failure`. */
  async open(filter: Filter): Promise<void> {
    if (this.lines(filter)) return;
    await this.once(filter, async () => {
      if (filter === "all") await this.resync();
      else this.take("mine", await this.page(filter), []);
    });
  }

  /** Fetch the next page. Throws `Failure`. */
  async older(filter: Filter): Promise<void> {
    const lines = this.lines(filter);
    const last = lines?.at(-1);
    if (!last || !this.more(filter)) return;
    await this.once(filter, async () => {
      const page = await this.page(filter, last.id);
      const now = this.lines(filter) ?? [];
      if (now.at(-1)?.id === last.id) this.take(filter, page, now);
    });
  }

  /** Read one, those that lead to a page, or all: here at once, everywhere else when the server has heard it. */
  async read(which: Which = {}): Promise<void> {
    const gone = (this.state.notifications ?? []).filter(
      (line) => !line.read && (which.id ? line.id === which.id : !which.url || line.url === which.url),
    );
    const all = !which.id && !which.url;
    if (this.unread === 0 || (which.id && this.state.notifications && !gone.length)) return;
    if (all || gone.length) {
      const unread = all ? 0 : Math.max(0, this.unread - gone.length);
      this.apply({ type: "inbox_read", unread, url: which.url ?? null, ids: which.id ? [which.id] : null });
    }
    try {
      await send<Inbox>("POST", api("inbox/reading"), which, { keepalive: true });
    } catch (error) {
      if (this.state.notifications) void this.resync().catch(() => undefined);
      throw error;
    }
  }

  /** Mute a job, end that, or ask for more. Throws `Failure`. */
  async hear(job: string, wanted: Hearing): Promise<JobHearing> {
    const body = { applications: this.hearingOf(job)?.applications ?? false, ...wanted };
    const hearing = await send<JobHearing>("PUT", api(`jobs/${job}/hearing`), body);
    this.apply({ type: "hearing", hearing });
    return hearing;
  }

  private of(filter: Filter): State | null {
    return filter === "all" ? this.state : this.mine;
  }

  private apply(payload: AnyPayload): void {
    const known = payload.type === "notified" && this.lines("all")?.some((one) => one.id === payload.notification.id);
    this.state = applyToInbox(this.state, payload);
    if (this.mine && (payload.type !== "notified" || payload.notification.mine)) {
      this.mine = applyToInbox(this.mine, payload);
    }
    this.draw();
    if (payload.type === "notified" && !known) for (const listener of this.listeners) listener(payload.notification);
  }

  private async resync(): Promise<Inbox> {
    const inbox = await send<Inbox>("GET", api("inbox"));
    this.state = inbox;
    this.mine = null;
    this.draw();
    return inbox;
  }

  private page(filter: Filter, before?: string): Promise<OlderNotifications> {
    const query = new URLSearchParams({
      ...(before ? { before } : {}),
      ...(filter === "mine" ? { mine: "true" } : {}),
    });
    return send<OlderNotifications>("GET", api(`inbox/older?${query.toString()}`));
  }

  private take(filter: Filter, page: OlderNotifications, before: readonly Notification[]): void {
    const seen = new Set(before.map((line) => line.id));
    const notifications = [...before, ...page.notifications.filter((line) => !seen.has(line.id))];
    const taken = { ...this.state, notifications, more: page.more };
    if (filter === "all") this.state = taken;
    else this.mine = taken;
    this.draw();
  }

  /** One request at a time for each list. */
  private async once(filter: Filter, fetch: () => Promise<void>): Promise<void> {
    const running = this.fetching.get(filter);
    if (running) return running;
    const request = fetch().finally(() => this.fetching.delete(filter));
    this.fetching.set(filter, request);
    await request;
  }

  private draw(): void {
    for (const host of this.hosts) host.requestUpdate();
  }
}

export const bell = new BellState();

/** Draws its element again whenever the bell changes. */
export class Watching implements ReactiveController {
  private readonly host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.host = host;
    host.addController(this);
  }

  hostConnected(): void {
    bell.watch(this.host);
  }

  hostDisconnected(): void {
    bell.unwatch(this.host);
  }
}
