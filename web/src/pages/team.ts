/** Loaded on every member page: navigation, bell, account, and the state of the live connection. */
import type { JobLine } from "../live/protocol.gen.ts";
import "../elements/account.ts";
import "../elements/bell.ts";
import { offerJumping } from "../elements/jumping.ts";
import { send } from "../lib/api.ts";
import { iconElement } from "../lib/icons.ts";
import { follow, onConnection } from "../lib/live.ts";
import { api, me, path } from "../lib/me.ts";
import { outbox } from "../lib/outbox.ts";
import { many } from "../lib/time.ts";
import type { Connection } from "../live/socket.ts";

/** The page that shows how many stand in each stage and who waits; others show how many there are, whom no move changes. */
const SHOWS_STAGES = "gr-jobs";

/** Marks the job whose pages these are. */
function markCurrent(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("#nav-jobs a")) {
    if (location.pathname === link.pathname || location.pathname.startsWith(`${link.pathname}/`)) {
      link.setAttribute("aria-current", "page");
      document.querySelector('.sidenav > .line[aria-current="page"]')?.removeAttribute("aria-current");
    }
  }
}

function showJobs(jobs: readonly JobLine[]): void {
  const list = document.getElementById("nav-jobs");
  const heading = document.getElementById("open-jobs");
  if (!list || !heading) return;
  const open = jobs.filter((job) => job.state === "open");
  heading.hidden = open.length === 0;
  list.replaceChildren(...open.map(jobLine));
  markCurrent();
}

function jobLine(job: JobLine): HTMLLIElement {
  const line = document.createElement("li");
  const link = document.createElement("a");
  link.className = "line";
  link.href = path(`jobs/${job.id}`);
  link.dataset["job"] = job.id;
  const dot = document.createElement("span");
  dot.className = `dot c${job.colour}`;
  const title = document.createElement("span");
  title.className = "grow cut";
  title.textContent = job.title;
  const people = document.createElement("span");
  people.className = "num";
  people.textContent = String(job.people);
  link.append(dot, title, people);
  line.append(link);
  return line;
}

/** Fetches the counts again after a change; many changes at once cost one request, hidden pages none until seen. */
function keepCounts(): void {
  let timer = 0;
  let stale = false;
  const fetchCounts = () => {
    if (document.hidden) return;
    stale = false;
    send<JobLine[]>("GET", api("jobs")).then(
      (jobs) => {
        showJobs(jobs);
        document.dispatchEvent(new CustomEvent<JobLine[]>("gr-jobs", { detail: jobs }));
      },
      () => undefined,
    );
  };
  const refresh = () => {
    stale = true;
    clearTimeout(timer);
    timer = window.setTimeout(fetchCounts, 600 + Math.random() * 900);
  };
  document.addEventListener("visibilitychange", () => stale && fetchCounts());
  follow(`workspace:${me.workspace}`, {
    onEvent: (payload) => {
      const inner = payload.type === "desk" || (payload.type === "job" && payload.moved);
      if (inner ? document.querySelector(SHOWS_STAGES) : payload.type === "job") refresh();
      if (payload.type === "people") document.dispatchEvent(new CustomEvent("gr-people"));
    },
    onResync: () => {
      refresh();
      return Promise.resolve(null);
    },
  });
}

/** What is wrong and what becomes of the changes made meanwhile; nothing when all is well. */
function trouble(connection: Connection): string {
  const { failing, waiting } = outbox;
  if (connection === "online" && !(failing && waiting)) return "";
  const wrong = connection === "degraded" ? "Greenroom is catching its breath" : "Reconnecting";
  return `${wrong}. ${failing && waiting ? `${many(waiting, "change")} kept` : "Your changes are kept"}.`;
}

/** Says so when the connection is gone for longer than a blink, and when it will not come back by itself. */
function watchConnection(): void {
  const pill = document.createElement("div");
  pill.className = "connection";
  pill.setAttribute("role", "status");
  let connection: Connection = "online";
  let shut = false;
  let said = "";
  const show = (words: string, body: Node | string = words) => {
    if (words === said) return;
    said = words;
    pill.replaceChildren(iconElement("offline"), body);
    if (words) document.body.append(pill);
    else pill.remove();
  };
  onConnection((now, refusal) => {
    connection = now;
    if (now !== "refused") return show(trouble(now));
    shut = true;
    if (refusal === "outdated") show("outdated", outdated());
    else shutOut(refusal === "ended");
  });
  outbox.observe(() => shut || show(trouble(connection)));
}

function outdated(): HTMLElement {
  const link = document.createElement("a");
  link.href = "";
  link.textContent = "Greenroom was updated. Reload this page.";
  return link;
}

/** Whoever has no right to this page any more does not go on reading it: it is taken away, not only covered. */
function shutOut(ended: boolean): void {
  const dialog = document.createElement("dialog");
  dialog.className = "shutout";
  const title = document.createElement("h1");
  title.id = "shutout-title";
  title.textContent = ended ? "An admin ended this session" : "This page is closed to you now";
  dialog.setAttribute("aria-labelledby", title.id);
  const words = document.createElement("p");
  words.textContent = ended
    ? "An owner or admin signed this browser out. What you had saved is kept. To go on, sign in again."
    : `You are no longer a member of ${document.body.dataset["workspaceName"] ?? "this workspace"}, or were signed out.`;
  const footer = document.createElement("footer");
  const link = document.createElement("a");
  link.className = "button primary";
  link.href = ended ? location.pathname + location.search : "/"; // the door leads back to where they were
  link.textContent = ended ? "Sign in again" : "Continue";
  footer.append(link);
  dialog.append(title, words, footer);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.querySelector(".app")?.remove();
  document.getElementById("data")?.remove();
  for (const left of document.querySelectorAll("body > dialog, body > .ghost, #toasts > *")) left.remove();
  document.title = "Greenroom";
  const main = document.createElement("main");
  main.append(dialog);
  document.body.append(main);
  dialog.showModal();
}

markCurrent();
keepCounts();
watchConnection();
offerJumping();
