/**
 * `<gr-criteria-list>`: what people are judged by in a job, the lines of its scorecards. It holds nothing: every edit is a
 * `change` event with the whole new list. Order is changed by dragging the grip or with the arrow keys on it.
 */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { toast } from "../lib/toast.ts";
import { grabRow, reordered } from "./row-drag.ts";

/** A criterion as it is edited; `key` is its own from the start, `id` comes with the first save. */
export interface Judged {
  key: string;
  id: string | null;
  name: string;
}

const MOST = 12;

@customElement("gr-criteria-list")
export class CriteriaList extends LightElement {
  @property({ attribute: false }) criteria: readonly Judged[] = [];
  @state() private dragged = false;

  private put(criteria: readonly Judged[]): void {
    this.criteria = criteria;
    this.dispatchEvent(new CustomEvent<readonly Judged[]>("change", { detail: criteria }));
  }

  private add(): void {
    const key = Math.random().toString(36).slice(2);
    this.put([...this.criteria, { key, id: null, name: "" }]);
    void this.updateComplete.then(() => this.find<HTMLElement>(`[data-criterion="${key}"] input`)?.focus());
  }

  private drop(gone: Judged): void {
    const at = this.criteria.indexOf(gone);
    this.put(this.criteria.filter((one) => one.key !== gone.key));
    if (!gone.name.trim()) return;
    toast("Criterion removed. What was scored by it stays.", {
      name: "criterion",
      action: { label: "Undo", run: () => this.put(this.criteria.toSpliced(at, 0, gone)) },
    });
  }

  private shift(key: string, to: number): void {
    const list = reordered(this.criteria, key, to);
    if (!list) return;
    this.put(list);
    void this.updateComplete.then(() => this.find<HTMLElement>(`[data-criterion="${key}"] .grip`)?.focus());
  }

  private gripKey(event: KeyboardEvent, at: number, key: string): void {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    this.shift(key, at + (event.key === "ArrowUp" ? -1 : 1));
  }

  private grab(down: PointerEvent, key: string): void {
    this.dragged = true;
    grabRow(down, this, "[data-criterion]", {
      at: () => this.criteria.findIndex((one) => one.key === key),
      shift: (to) => this.shift(key, to),
      end: () => (this.dragged = false),
    });
  }

  protected override render() {
    const full = this.criteria.length >= MOST;
    return html`<section class="card pane" aria-labelledby="criteria-title">
      <header class="row">
        <h2 id="criteria-title">Scorecard</h2>
        <span class="muted grow cut">What the team rates from 1 to 5. Candidates never see it.</span>
        <button
          type="button"
          class="button"
          ?disabled=${full}
          title=${full ? `At most ${MOST} criteria` : nothing}
          @click=${this.add}
        >
          ${icon("plus")}Add criterion
        </button>
      </header>
      ${
        this.criteria.length
          ? html`<ol class="questions criteria ${this.dragged ? "sorting" : ""}">
              ${repeat(
                this.criteria,
                (one) => one.key,
                (one, at) => this.row(one, at),
              )}
            </ol>`
          : html`<p class="muted">Without criteria a scorecard asks only whether you would hire them.</p>`
      }
    </section>`;
  }

  private row(one: Judged, at: number) {
    const edit = (event: Event) =>
      this.put(
        this.criteria.map((other) =>
          other.key === one.key ? { ...other, name: (event.target as HTMLInputElement).value } : other,
        ),
      );
    return html`<li data-criterion=${one.key}>
      <button
        type="button"
        class="grip"
        aria-label="Order of criterion ${at + 1}: arrow keys move it"
        @keydown=${(event: KeyboardEvent) => this.gripKey(event, at, one.key)}
        @pointerdown=${(event: PointerEvent) => this.grab(event, one.key)}
      >
        ${icon("grip")}
      </button>
      <span class="field grow"
        ><input
          maxlength="80"
          dir="auto"
          autocomplete="off"
          aria-label="Criterion ${at + 1}"
          placeholder="What makes somebody good at this?"
          .value=${one.name}
          @input=${edit}
      /></span>
      <button
        type="button"
        class="button quiet icon"
        aria-label="Remove criterion ${one.name || at + 1}"
        @click=${() => this.drop(one)}
      >
        ${icon("close")}
      </button>
    </li>`;
  }
}
