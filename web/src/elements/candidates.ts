/**
 * `<gr-candidates>`: all candidates of the workspace, whatever their jobs, newest first. Words and tags stand in the
 * address; more come page by page.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { CandidateList, ListedCandidate } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { isOn, textOf, toggled, withText } from "../lib/filters.ts";
import { icon } from "../lib/icons.ts";
import { follow } from "../lib/live.ts";
import { api, me, path } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { candidateFace } from "../lib/picture.ts";
import { offer } from "../lib/shortcuts.ts";
import { Sparingly } from "../lib/sparingly.ts";
import { tagRow } from "../lib/tag-row.ts";
import { age, many } from "../lib/time.ts";
import { alarm } from "../lib/toast.ts";

@customElement("gr-candidates")
export class Candidates extends RestingElement {
  @state() private list = pageData<CandidateList>();
  @state() private query = new URLSearchParams(location.search).toString();
  @state() private loading = false;
  private asking: AbortController | null = null;
  private leave: (() => void) | null = null;
  private unoffer: (() => void) | null = null;
  private readonly again = new Sparingly(() => this.ask(), 1500);

  override connectedCallback(): void {
    super.connectedCallback();
    this.leave = follow(`workspace:${me.workspace}`, {
      onEvent: (payload) => {
        if (["desk", "job", "profile"].includes(payload.type)) this.changed();
      },
      onResync: () => this.ask().then(() => null),
    });
    window.addEventListener("popstate", this.back);
    this.unoffer = offer([
      { keys: "/", label: "Find a candidate", group: "Here", run: () => this.find("input[type=search]")?.focus() },
    ]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
    this.unoffer?.();
    this.again.stop();
    window.removeEventListener("popstate", this.back);
  }

  /** The first page keeps up by itself; whoever has loaded more is reading, and nothing moves under their eyes. */
  private changed(): void {
    if (this.list.candidates.length <= 50) this.again.soon();
  }

  private back = (): void => {
    this.query = new URLSearchParams(location.search).toString();
    void this.ask();
  };

  private set(query: string): void {
    if (query === this.query) return;
    this.query = query;
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    void this.ask();
  }

  private async ask(before = ""): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.loading = true;
    const query = new URLSearchParams(this.query);
    if (before) query.set("before", before);
    try {
      const page = await send<CandidateList>("GET", api(`candidates?${query.toString()}`), undefined, {
        signal: asking.signal,
      });
      const candidates = before ? [...this.list.candidates, ...page.candidates] : page.candidates;
      this.list = { ...page, candidates };
    } catch (error) {
      if (error instanceof Failure) alarm(sentence(error));
    } finally {
      if (this.asking === asking) this.loading = false;
    }
  }

  private chooseTag(event: Event): void {
    void openMenu(
      event.currentTarget as HTMLElement,
      "With the tag",
      this.list.vocabulary.map((tag) => ({
        label: tag.name,
        colour: tag.colour,
        checked: isOn(this.query, "tag", tag.name),
        run: () => this.set(toggled(this.query, "tag", tag.name)),
      })),
    );
  }

  protected override render() {
    const { candidates, next } = this.list;
    return html`${this.heading()}
      <div class="body">
        ${
          candidates.length
            ? html`<ul class="card persons" aria-label="Candidates" aria-busy=${this.loading}>
                ${repeat(
                  candidates,
                  (one) => one.id,
                  (one) => row(one),
                )}
              </ul>`
            : this.empty()
        }
        ${
          next
            ? html`<p class="further">
                <button type="button" class="button" aria-busy=${this.loading} @click=${() => this.ask(next)}>
                  Show more
                </button>
              </p>`
            : nothing
        }
      </div>`;
  }

  private heading() {
    const { count, similar, vocabulary } = this.list;
    const text = textOf(this.query);
    const tags = new URLSearchParams(this.query).getAll("tag");
    return html`<header class="head">
      <div class="row">
        <h1>Candidates</h1>
        <span class="muted cut" role="status"
          >${similar ? `No “${text}”. ${many(count, "similar name")}.` : many(count, "candidate")}</span
        >
      </div>
      <div class="row tools">
        <label class="field">
          ${icon("find")}
          <input
            type="search"
            placeholder="Find a candidate"
            aria-label="Find a candidate"
            autocomplete="off"
            maxlength="200"
            .value=${text}
            @input=${(event: Event) => this.set(withText(this.query, (event.target as HTMLInputElement).value))}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
        ${
          vocabulary.length
            ? html`<button
                type="button"
                class="button quiet filter"
                aria-haspopup="menu"
                aria-expanded="false"
                @click=${this.chooseTag}
              >
                ${icon("filter")}<span>Tag</span>
              </button>`
            : nothing
        }
        ${tags.map(
          (tag) =>
            html`<button
              type="button"
              class="chip"
              aria-label="Remove filter: ${tag}"
              @click=${() => this.set(toggled(this.query, "tag", tag))}
            >
              <span class="cut"><bdi>${tag}</bdi></span
              >${icon("close")}
            </button>`,
        )}
      </div>
    </header>`;
  }

  private empty() {
    return this.query
      ? html`<div class="empty">
          ${icon("find")}<strong>Nobody fits</strong><span>Try fewer letters, or another tag.</span>
        </div>`
      : html`<div class="empty">
          ${icon("user")}<strong>No candidates yet</strong
          ><span>Share the link of an open job, or import a list on its board.</span>
          <a class="button" href=${path("jobs")}>Go to jobs</a>
        </div>`;
  }
}

function row(one: ListedCandidate) {
  const [place, ...others] = one.applications;
  return html`<li>
    ${candidateFace(one.id, one.name, one.poster)}
    <span class="grow">
      <a class="cut name" dir="auto" href=${path(`candidates/${one.id}`)} title=${one.name}>${one.name}</a>
      <span class="muted cut"><bdi>${one.email}</bdi></span>
    </span>
    <span class="tags">${tagRow(one.tags, 3)}</span>
    <span class="place">
      ${
        place
          ? html`<span class="cut"><span class="dot c${place.colour}"></span><bdi>${place.stage}</bdi></span>
              <span class="muted cut"
                ><bdi>${place.title}</bdi>${others.length ? `, and ${many(others.length, "other job")}` : ""}</span
              >`
          : nothing
      }
    </span>
    <time class="muted" datetime=${one.created_at}>${age(one.created_at)}</time>
  </li>`;
}
