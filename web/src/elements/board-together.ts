/** What is done to everybody who is selected on a board: a message to each, a tag, somebody who looks after them. */
import { html, nothing, render } from "lit";
import type { Card, FlowView, TagRow, Together } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { kindWords } from "../lib/declining.ts";
import { icon } from "../lib/icons.ts";
import { api, me, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { change } from "../lib/outbox.ts";
import { fill, PLACEHOLDERS, unknownIn } from "../lib/placeholders.ts";
import { takeBack } from "../lib/taking-back.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";
import type { Board } from "./board-panels.ts";

const LONGEST = 10_000; // characters of a message

interface Template {
  name: string;
  text: string;
}

/** Sends it, and shows the cards as they are now. Throws the server's refusal. */
async function act(board: Board, what: string, body: object, words: string): Promise<Together | undefined> {
  const { id } = board.job();
  const key = board.moves.key();
  const path = api(`jobs/${id}/${what}`);
  const done = await change<Together>({ lane: `cards:${id}`, key, method: "POST", path, body, words });
  if (done) board.changed(done.cards, key);
  return done;
}

/** Says what was done, and that it can be taken back. */
function offerBack(board: Board, done: Together, words: string): void {
  const { event } = done;
  if (!event) return void toast("That is so already.", { name: "together" });
  board.moves.offerBack(words, (key) => takeBack(board.job().id, event, (cards) => board.changed(cards, key), key));
  board.say(words.replaceAll("**", ""));
}

function chosen(board: Board): Card[] {
  return board.selection.ids.flatMap((id) => board.card(id) ?? []);
}

// A message to each

export function message(board: Board): void {
  const cards = chosen(board);
  if (cards.length) new MessageDialog(board, cards).open();
}

class MessageDialog {
  private readonly dialog = document.createElement("dialog");
  private templates: Template[];
  private text = "";
  private at = 0;
  private fault = "";
  private sending = false;

  constructor(
    private readonly board: Board,
    private readonly cards: readonly Card[],
  ) {
    this.templates = [{ name: "A kind no", text: kindWords("{first_name}", true) }];
  }

  open(): void {
    const { dialog } = this;
    dialog.className = "declining together";
    dialog.setAttribute("aria-labelledby", "together-title");
    dialog.addEventListener("close", () => dialog.remove());
    this.draw();
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("textarea")?.focus();
    void this.more();
  }

  /** What the stages of this job write by themselves can be written by hand as well. */
  private async more(): Promise<void> {
    try {
      const flow = await send<FlowView>("GET", api(`jobs/${this.board.job().id}/flow`));
      const own = flow.stages.flatMap((stage) =>
        stage.actions
          .filter((action) => action.kind === "message")
          .map((action) => ({ name: `${stage.name}: on ${action.when}`, text: action.text })),
      );
      this.templates = [...own, ...this.templates];
      this.draw();
    } catch {
      // Then without them.
    }
  }

  private filled(card: Card): string {
    const words = {
      name: card.name,
      first_name: card.name.split(/\s+/u)[0] ?? card.name,
      job: this.board.job().title,
      workspace: document.body.dataset["workspaceName"] ?? "",
      sender: me.name,
    };
    return fill(this.text.trim(), words);
  }

  private write(text: string): void {
    this.text = text;
    this.fault = "";
    this.draw();
  }

  private insert(name: string): void {
    const area = this.dialog.querySelector("textarea")!;
    area.setRangeText(`{${name}}`, area.selectionStart, area.selectionEnd, "end");
    this.write(area.value);
    area.focus();
  }

  private async send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    const unknown = unknownIn(this.text);
    if (!this.text.trim()) this.fault = "Write something first.";
    else if (unknown) this.fault = `There is no {${unknown}}.`;
    if (this.fault) {
      this.draw();
      return void this.dialog.querySelector("textarea")?.focus();
    }
    this.sending = true;
    this.draw();
    const { board, cards } = this;
    try {
      const body = { cards: cards.map((card) => card.id), text: this.text };
      const done = await act(
        board,
        "messages",
        body,
        `Your message to ${many(cards.length, "candidate")} was not sent.`,
      );
      this.dialog.close();
      if (!done) return;
      board.selection.clear();
      const whom = cards.length === 1 ? `**${shortName(cards[0]!.name)}**` : many(cards.length, "candidate");
      toast(`Your message went to ${whom}`, { name: "together" });
      board.say(`Your message went to ${whom.replaceAll("**", "")}`);
    } catch (error) {
      this.sending = false;
      this.fault = error instanceof Failure && error.fields["text"] ? error.fields["text"] : sentence(error);
      if (!this.dialog.isConnected) alarm(this.fault);
      this.draw();
    }
  }

  private draw(): void {
    const count = this.cards.length;
    render(
      html`<form novalidate @submit=${(event: SubmitEvent) => void this.send(event)}>
        <h2 id="together-title">Message ${many(count, "candidate")}</h2>
        <div class="labelled">
          <label for="together-template">Start from</label>
          <select
            class="box"
            id="together-template"
            @change=${(event: Event) => {
              const { value } = event.target as HTMLSelectElement;
              const template = this.templates.find((one) => one.name === value);
              if (template) this.dialog.querySelector("textarea")!.value = template.text;
              if (template) this.write(template.text);
            }}
          >
            <option value="">An empty message</option>
            ${this.templates.map((one) => html`<option value=${one.name}>${one.name}</option>`)}
          </select>
        </div>
        <div class="labelled">
          <label for="together-words">Message</label>
          <textarea
            class="box"
            id="together-words"
            rows="7"
            dir="auto"
            maxlength=${LONGEST}
            aria-describedby="together-help together-fault"
            aria-invalid=${this.fault ? "true" : "false"}
            @input=${(event: Event) => this.write((event.target as HTMLTextAreaElement).value)}
          ></textarea>
          <p class="row holders">
            ${PLACEHOLDERS.map(
              (name) =>
                html`<button type="button" class="button small" @click=${() => this.insert(name)}>{${name}}</button>`,
            )}
          </p>
          <p class="fault" id="together-fault" role="alert" ?hidden=${!this.fault}>${icon("alert")}${this.fault}</p>
        </div>
        ${this.preview()}
        <p class="help" id="together-help">
          Each of them gets it in their own conversation, and by e-mail when they are away. It cannot be taken back.
        </p>
        <footer>
          <button type="button" class="button" @click=${() => this.dialog.close()}>Cancel</button>
          <span class="grow"></span>
          <button class="button primary" ?disabled=${this.sending}>
            ${this.sending ? "Sending" : `Send to ${many(count, "candidate")}`}
          </button>
        </footer>
      </form>`,
      this.dialog,
    );
  }

  private preview() {
    const card = this.cards[this.at]!;
    const turn = (by: number) => {
      this.at = (this.at + by + this.cards.length) % this.cards.length;
      this.draw();
    };
    const button = (by: number, label: string, sign: string) =>
      html`<button type="button" class="button quiet icon" aria-label=${label} @click=${() => turn(by)}>
        ${icon(sign)}
      </button>`;
    return html`<section class="preview" aria-label="Preview">
      <header class="row">
        <span class="muted cut">As <bdi>${shortName(card.name)}</bdi> reads it</span>
        <span class="grow"></span>
        ${
          this.cards.length > 1
            ? html`<span class="muted num">${this.at + 1} of ${this.cards.length}</span
                >${button(-1, "Previous preview", "left")}${button(1, "Next preview", "right")}`
            : nothing
        }
      </header>
      <p dir="auto">${this.text.trim() ? this.filled(card) : html`<span class="muted">Nothing yet</span>`}</p>
    </section>`;
  }
}

// A tag

export async function tag(board: Board): Promise<void> {
  const cards = chosen(board);
  if (!cards.length) return;
  const known = await send<TagRow[]>("GET", api("tags")).catch(() => [] as TagRow[]);
  const worn = new Map(cards.flatMap((card) => card.tags.map((one) => [one.name, one.colour] as const)));
  const dialog = document.createElement("dialog");
  dialog.className = "declining together";
  dialog.setAttribute("aria-labelledby", "together-title");
  const put = async (name: string, on: boolean) => {
    const word = name.trim();
    if (!word) return dialog.querySelector("input")?.focus();
    dialog.close();
    const words = `The tag **${word}** was not ${on ? "put on" : "taken off"}.`;
    try {
      const done = await act(board, "tags", { cards: cards.map((card) => card.id), tag: word, put: on }, words);
      if (!done) return;
      const people = many(done.cards.length, "candidate");
      offerBack(board, done, on ? `Tagged ${people} **${word}**` : `Took **${word}** off ${people}`);
    } catch (error) {
      const fields = error instanceof Failure ? Object.values(error.fields) : [];
      alarm(fields[0] ?? sentence(error));
    }
  };
  render(
    html`<form
      novalidate
      @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        void put(dialog.querySelector("input")!.value, true);
      }}
    >
      <h2 id="together-title">Tag ${many(cards.length, "candidate")}</h2>
      <div class="labelled">
        <label for="together-tag">Tag</label>
        <input class="box" id="together-tag" list="together-tags" maxlength="40" autocomplete="off" dir="auto" />
        <datalist id="together-tags">${known.map((one) => html`<option value=${one.name}></option>`)}</datalist>
      </div>
      ${
        worn.size
          ? html`<p class="muted" id="together-worn">Take one off that some of them have:</p>
              <p class="row holders" role="group" aria-labelledby="together-worn">
                ${[...worn].map(
                  ([name, colour]) =>
                    html`<button
                      type="button"
                      class="tag c${colour}"
                      aria-label="Take off ${name}"
                      @click=${() => void put(name, false)}
                    >
                      <bdi>${name}</bdi>${icon("close")}
                    </button>`,
                )}
              </p>`
          : nothing
      }
      <footer>
        <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
        <span class="grow"></span>
        <button class="button primary">Add tag</button>
      </footer>
    </form>`,
    dialog,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("input")?.focus();
}

// Somebody who looks after them

type Part = "owner" | "reviewer" | "";

export function assign(board: Board, anchor: HTMLElement): void {
  const cards = chosen(board);
  if (!cards.length) return;
  const count = many(cards.length, "candidate");
  const parts: readonly { part: Part; label: string; heading: string; icon: string }[] = [
    { part: "owner", label: "Owner", heading: `Owner of ${count}`, icon: "user" },
    { part: "reviewer", label: "Reviewer", heading: `Reviewer of ${count}`, icon: "eye" },
    { part: "", label: "Take somebody off", heading: `Take off ${count}`, icon: "close" },
  ];
  const people = (part: Part) => {
    const all = [...board.people()].sort((one, other) => Number(other.id === me.id) - Number(one.id === me.id));
    if (part) return all;
    return all.filter((one) => cards.some((card) => card.owner === one.id || card.reviewers.includes(one.id)));
  };
  const choose = ({ part, heading }: (typeof parts)[number]) => {
    const found = people(part);
    if (!found.length) return void toast("Nobody looks after them yet.", { name: "together" });
    void openMenu(
      anchor,
      heading,
      found.map((one) => ({
        label: one.id === me.id ? "Me" : one.name,
        run: () => void give(board, cards, one, part),
      })),
    );
  };
  void openMenu(
    anchor,
    `Assign ${count}`,
    parts.map((one) => ({ label: one.label, icon: one.icon, run: () => setTimeout(() => choose(one)) })),
  );
}

async function give(
  board: Board,
  cards: readonly Card[],
  who: { id: string; name: string },
  part: Part,
): Promise<void> {
  const words = `Who looks after ${many(cards.length, "candidate")} was not changed.`;
  try {
    const body = { cards: cards.map((card) => card.id), member: who.id, part };
    const done = await act(board, "assignments", body, words);
    if (!done) return;
    const people = many(done.cards.length, "candidate");
    const name = who.id === me.id ? "You" : `**${shortName(who.name)}**`;
    const verb = who.id === me.id ? "are" : "is";
    const now = part
      ? `${name} ${verb} ${part === "owner" ? "owner" : "a reviewer"} of ${people}`
      : `${name} ${verb} off ${people}`;
    offerBack(board, done, now);
  } catch (error) {
    const fields = error instanceof Failure ? Object.values(error.fields) : [];
    alarm(fields[0] ?? sentence(error));
  }
}
