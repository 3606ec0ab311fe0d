/**
 * Browser notifications, for members who asked for them: only while no tab of theirs is looked at, and only one however
 * many tabs are open. Visible tabs hold a shared lock, which the browser gives back by itself when a tab dies; whichever
 * hidden tab gets the telling lock first tells, and notes what was told for the others. Names and jobs, never words.
 */
import type { Notification as Line } from "../live/protocol.gen.ts";
import { me } from "../lib/me.ts";
import { plainWords, sentenceOf, sentenceOfMany } from "./inbox-words.ts";

/** `none`: this browser, or an insecure address, has none. */
export type Standing = "none" | "off" | "on" | "blocked";

const WANTED = `greenroom-desktop:${me.id}`;
const TOLD = `greenroom-desktop-told:${me.id}`;
const VISIBLE = `greenroom-visible:${me.id}`;
const TELLING = `greenroom-telling:${me.id}`;
const TOGETHER = 400; // milliseconds within which lines become one notification
const FRESH = 5 * 60_000; // what a laptop slept through is in the bell, not in a hundred notifications
const REMEMBERED = 200;

/** Android stops tabs in the background, and its browsers have the name without the thing: `new` throws there. */
const able = (): boolean =>
  "Notification" in window && isSecureContext && "locks" in navigator && !/Android/.test(navigator.userAgent);

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing asks again on the next page.
  }
}

class Desktop {
  private waiting: Line[] = [];
  private timer = 0;
  private release: (() => void) | null = null;
  private observers = new Set<() => void>();

  constructor() {
    if (!able()) return;
    document.addEventListener("visibilitychange", this.looked);
    addEventListener("pagehide", () => this.release?.());
    addEventListener("pageshow", this.looked);
    addEventListener("storage", (event) => event.key === WANTED && this.changed());
    this.looked();
  }

  get standing(): Standing {
    if (!able()) return "none";
    if (Notification.permission === "denied") return "blocked";
    return Notification.permission === "granted" && stored(WANTED) === "on" ? "on" : "off";
  }

  observe(observer: () => void): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** Asks the browser's question; only ever called by a click. */
  async turnOn(): Promise<Standing> {
    if ((await Notification.requestPermission()) === "granted") store(WANTED, "on");
    this.changed();
    return this.standing;
  }

  turnOff(): void {
    store(WANTED, null);
    this.changed();
  }

  /** A line arrived in this tab. */
  tell(line: Line): void {
    // Whoever looks at this tab sees it, and `standing`, which asks the browser, comes last.
    if (document.visibilityState === "visible" || line.quiet || Date.now() - Date.parse(line.at) > FRESH) return;
    if (this.standing !== "on") return;
    this.waiting.push(line);
    if (this.waiting.length === 1) this.timer = window.setTimeout(() => void this.speak(), TOGETHER);
  }

  private changed(): void {
    for (const observer of this.observers) observer();
  }

  /** Holds the shared lock as long as this tab is looked at. */
  private looked = (): void => {
    if (document.visibilityState !== "visible") {
      this.release?.();
      return;
    }
    if (this.release) return;
    const held = new Promise<void>((resolve) => {
      this.release = () => {
        this.release = null;
        resolve();
      };
    });
    navigator.locks.request(VISIBLE, { mode: "shared" }, () => held).catch(() => undefined);
    clearTimeout(this.timer);
    this.waiting = [];
  };

  private async speak(): Promise<void> {
    const lines = this.waiting;
    this.waiting = [];
    await navigator.locks.request(TELLING, async () => {
      const { held } = await navigator.locks.query();
      if (held?.some((lock) => lock.name === VISIBLE)) return;
      const told = new Set((stored(TOLD) ?? "").split(" "));
      const news = lines.filter((line) => !told.has(line.id));
      if (!news.length) return;
      store(TOLD, [...told, ...news.map((line) => line.id)].slice(-REMEMBERED).join(" "));
      show(news);
    });
  }
}

function show(lines: readonly Line[]): void {
  const [first] = lines;
  if (!first) return;
  const kinds = new Set(lines.map((line) => line.kind));
  const words = kinds.size === 1 ? sentenceOfMany(lines) : sentenceOf(first);
  const more = kinds.size === 1 ? "" : ` and ${lines.length - 1} more`;
  const one = new Set(lines.map((line) => line.url)).size === 1;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]")?.dataset["plain"];
  const shown = new Notification(plainWords(words) + more, {
    body: [...new Set(lines.map((line) => line.about))].slice(0, 3).join(", "),
    tag: first.id,
    ...(icon ? { icon } : {}),
  });
  shown.onclick = () => {
    window.focus();
    shown.close();
    go(one ? first.url : `/w/${me.slug}/inbox`);
  };
}

/** In this tab, unless that would throw away what somebody is writing in it. */
function go(url: string): void {
  const writing = [...document.querySelectorAll("textarea")].some((box) => box.value.trim() !== "");
  if (writing && new URL(url, location.href).pathname !== location.pathname) window.open(url, "_blank");
  else location.assign(url);
}

export const desktop = new Desktop();
