/**
 * `<gr-question-list>`: the questions of a job, one open for editing at a time. Order is changed by dragging the grip or
 * with the arrow keys on it. It holds nothing: every edit is a `change` event with the whole new list.
 */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { openMenu } from "../lib/menu.ts";
import { many, span } from "../lib/time.ts";
import { toast } from "../lib/toast.ts";
import { grabRow, reordered } from "./row-drag.ts";

/** A question as it is edited; `key` is its own from the start, `id` comes with the first save. */
export interface Draft {
  key: string;
  id: string | null;
  text: string;
  think: number;
  longest: number;
  takes: number;
}

export const MOST = 10;
const THINK = [0, 15, 30, 45, 60, 90, 120, 180, 300, 600] as const;
const LONGEST = [30, 45, 60, 90, 120, 150, 180, 240, 300] as const;
const TAKES = [1, 2, 3, 4, 5, 10] as const;

@customElement("gr-question-list")
export class QuestionList extends LightElement {
  @property({ attribute: false }) questions: readonly Draft[] = [];
  @state() private open: string | null = null;
  @state() private dragged: string | null = null;

  private put(questions: readonly Draft[]): void {
    this.questions = questions;
    this.dispatchEvent(new CustomEvent<readonly Draft[]>("change", { detail: questions }));
  }

  private edit(key: string, part: Partial<Draft>): void {
    this.put(this.questions.map((question) => (question.key === key ? { ...question, ...part } : question)));
  }

  /** Opens a new question at the end. */
  add(): void {
    const last = this.questions.at(-1);
    const key = Math.random().toString(36).slice(2);
    const question = {
      key,
      id: null,
      text: "",
      think: last?.think ?? 30,
      longest: last?.longest ?? 120,
      takes: last?.takes ?? 3,
    };
    this.put([...this.questions, question]);
    this.show(key);
  }

  private show(key: string): void {
    this.open = key;
    void this.updateComplete.then(() => this.find<HTMLElement>(`[data-question="${key}"] textarea`)?.focus());
  }

  private shift(key: string, to: number): void {
    const list = reordered(this.questions, key, to);
    if (!list) return;
    this.put(list);
    void this.updateComplete.then(() => this.find<HTMLElement>(`[data-question="${key}"] .grip`)?.focus());
  }

  private drop(question: Draft): void {
    const before = this.questions;
    this.put(before.filter((other) => other.key !== question.key));
    if (!question.text.trim()) return;
    toast("Question removed", { name: "question", action: { label: "Undo", run: () => this.put(before) } });
  }

  private gripKey(event: KeyboardEvent, index: number, key: string): void {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    this.shift(key, index + (event.key === "ArrowUp" ? -1 : 1));
  }

  private grab(down: PointerEvent, key: string): void {
    this.dragged = key;
    grabRow(down, this, "[data-question]", {
      at: () => this.questions.findIndex((question) => question.key === key),
      shift: (to) => this.shift(key, to),
      end: () => (this.dragged = null),
    });
  }

  private more(event: Event, question: Draft, index: number): void {
    const choices = [
      { label: "Edit", icon: "write", run: () => this.show(question.key) },
      ...(index > 0 ? [{ label: "Move up", icon: "up", run: () => this.shift(question.key, index - 1) }] : []),
      ...(index < this.questions.length - 1
        ? [{ label: "Move down", icon: "down", run: () => this.shift(question.key, index + 1) }]
        : []),
      { label: "Remove", icon: "bin", apart: true, danger: true, run: () => this.drop(question) },
    ];
    void openMenu(event.currentTarget as HTMLElement, `Question ${index + 1}`, choices);
  }

  protected override render() {
    return html`<ol class="questions ${this.dragged ? "sorting" : ""}">
      ${repeat(
        this.questions,
        (question) => question.key,
        (question, index) => this.row(question, index),
      )}
    </ol>`;
  }

  private row(question: Draft, index: number) {
    const open = this.open === question.key;
    const empty = !question.text.trim();
    return html`<li
      class="${open ? "open" : ""} ${this.dragged === question.key ? "held" : ""}"
      data-question=${question.key}
    >
      <button
        type="button"
        class="grip"
        aria-label="Order of question ${index + 1}: arrow keys move it"
        @keydown=${(event: KeyboardEvent) => this.gripKey(event, index, question.key)}
        @pointerdown=${(event: PointerEvent) => this.grab(event, question.key)}
      >
        ${icon("grip")}
      </button>
      <span class="n num">${index + 1}</span>
      ${
        open
          ? this.editor(question, index, empty)
          : html`<button
              type="button"
              class="asked grow ${empty ? "fault" : ""}"
              @click=${() => this.show(question.key)}
            >
              <span dir="auto">${empty ? "Write the question" : question.text}</span>
            </button>`
      }
      ${open ? nothing : facts(question)}
      <button
        type="button"
        class="button quiet icon"
        aria-haspopup="menu"
        aria-expanded="false"
        aria-label="More for question ${index + 1}"
        @click=${(event: Event) => this.more(event, question, index)}
      >
        ${icon("more")}
      </button>
    </li>`;
  }

  private editor(question: Draft, index: number, empty: boolean) {
    const id = `q-${question.key}`;
    return html`<div
      class="grow editing"
      @keydown=${(event: KeyboardEvent) => event.key === "Escape" && (this.open = null)}
    >
      <textarea
        class="box asking"
        rows="1"
        maxlength="500"
        aria-label="Question ${index + 1}"
        placeholder="What do you want to hear?"
        aria-invalid=${empty ? "true" : "false"}
        .value=${question.text}
        @input=${(event: Event) => this.edit(question.key, { text: (event.target as HTMLTextAreaElement).value })}
      ></textarea>
      <div class="limits">
        ${choice(
          `${id}-think`,
          "Think time",
          THINK,
          question.think,
          (one) => (one ? span(one) : "No limit"),
          (think) => this.edit(question.key, { think }),
        )}
        ${choice(`${id}-longest`, "Longest answer", LONGEST, question.longest, span, (longest) =>
          this.edit(question.key, { longest }),
        )}
        ${choice(
          `${id}-takes`,
          "Takes",
          TAKES,
          question.takes,
          (one) => many(one, "take"),
          (takes) => this.edit(question.key, { takes }),
        )}
      </div>
      <button type="button" class="button ready" @click=${() => (this.open = null)}>Done</button>
    </div>`;
  }
}

function choice(
  id: string,
  label: string,
  among: readonly number[],
  value: number,
  words: (value: number) => string,
  choose: (value: number) => void,
) {
  const values = among.includes(value) ? among : [...among, value].sort((one, other) => one - other);
  return html`<div class="labelled">
    <label for=${id}>${label}</label>
    <select class="box" id=${id} @change=${(event: Event) => choose(Number((event.target as HTMLSelectElement).value))}>
      ${values.map((one) => html`<option value=${one} ?selected=${one === value}>${words(one)}</option>`)}
    </select>
  </div>`;
}

function facts(question: Draft) {
  return html`<span class="facts">
    <span title="Think time"
      >${icon("clock")}<span class="sr">Think time</span>${question.think ? span(question.think) : "No limit"}</span
    >
    <span title="Longest answer">${icon("video")}<span class="sr">Longest answer</span>${span(question.longest)}</span>
    <span title="Takes">${icon("sync")}${many(question.takes, "take")}</span>
  </span>`;
}
