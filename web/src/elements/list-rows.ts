/** The lines of a list as a table: its heading with the order, and one line. Pure: everything they show is handed in. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { ListRow } from "../live/protocol.gen.ts";
import { foundIn } from "../lib/found.ts";
import { icon } from "../lib/icons.ts";
import { may, path } from "../lib/me.ts";
import { candidateFace } from "../lib/picture.ts";
import { properties } from "../lib/style.ts";
import { fault } from "./list-edit.ts";
import { spoken, type ListColumn, type Look } from "./list-columns.ts";
import type { Place } from "./list-keys.ts";

export interface LineLook extends Look {
  columns: readonly ListColumn[];
  /** The one cell that Tab reaches. */
  current: Place | null;
  /** The field that is being written. */
  editing: Place | null;
  selected: boolean;
  pending: boolean;
  /** Which line it is, from 1. */
  place: number;
  write: (row: ListRow, column: ListColumn, value: string | null, stay: boolean) => void;
}

/** The heading; `sort` is asked for by a column's word, `all` ticks every line that is loaded. */
export function headingRow(
  columns: readonly ListColumn[],
  order: { name: string; down: boolean },
  ticked: "all" | "some" | "none",
  sort: (name: string) => void,
  all: (on: boolean) => void,
): TemplateResult {
  const heading = (name: string, title: string, look: string) => {
    const sorted = order.name === name;
    return html`<th scope="col" class=${look} aria-sort=${sorted ? (order.down ? "descending" : "ascending") : nothing}>
      <button type="button" @click=${() => sort(name)}>
        <span class="cut"><bdi>${title}</bdi></span
        >${sorted ? icon(order.down ? "down" : "up") : nothing}
      </button>
    </th>`;
  };
  return html`<tr aria-rowindex="1">
    ${
      may.move
        ? html`<th scope="col" class="pick">
            <label class="tick"
              ><input
                type="checkbox"
                aria-label="Select all that are loaded"
                .checked=${live(ticked === "all")}
                .indeterminate=${ticked === "some"}
                @change=${(event: Event) => all((event.target as HTMLInputElement).checked)}
            /></label>
          </th>`
        : nothing
    }
    ${heading("name", "Candidate", "cand")} ${columns.map((column) => heading(column.name, column.title, column.look))}
  </tr>`;
}

/** Lines that are not drawn, as empty space of so many pixels. */
export function unseen(height: number, width: number): TemplateResult {
  return html`<tr class="unseen" aria-hidden="true">
    <td colspan=${width + 1} ${properties({ height: `${height}px` })}></td>
  </tr>`;
}

export function line(row: ListRow, look: LineLook): TemplateResult {
  const { card } = row;
  const { current, editing, columns, selected } = look;
  const stop = (column: number) => (current?.row === card.id && current.column === column ? 0 : -1);
  return html`<tr
    class="${selected ? "chosen" : ""} ${look.pending ? "pending" : ""} ${current?.row === card.id ? "current" : ""}"
    data-row=${card.id}
    aria-rowindex=${look.place + 1}
    aria-selected=${selected ? "true" : "false"}
  >
    ${
      may.move
        ? html`<td class="pick">
            <label class="tick"
              ><input
                type="checkbox"
                data-pick
                tabindex="-1"
                aria-label="Select ${card.name}"
                .checked=${live(selected)}
            /></label>
          </td>`
        : nothing
    }
    <th scope="row" class="cand" data-column="0" tabindex=${stop(0)} aria-label=${spoken(row)}>
      <span class="row">
        ${candidateFace(card.candidate, card.name, card.poster)}
        <span class="grow">
          <a class="cut name" dir="auto" tabindex="-1" href=${path(`applications/${card.id}`)} title=${card.name}
            >${card.name}</a
          >${row.found ? foundIn(row.found) : html`<span class="muted cut" dir="auto">${row.headline || card.line}</span>`}
        </span>
      </span>
    </th>
    ${columns.map((column, index) => {
      const at = index + 1;
      const written = editing?.row === card.id && editing.column === at;
      const can = column.edit !== "" && may.move;
      return html`<td
        class="${column.look} ${can ? "can" : ""} ${written ? "filling" : ""}"
        data-column=${at}
        tabindex=${stop(at)}
      >
        ${written && column.field ? editor(row, column, look) : column.cell(row, look)}
      </td>`;
    })}
  </tr>`;
}

function editor(row: ListRow, column: ListColumn, look: LineLook) {
  const field = column.field!;
  const was = row.fields[field.id] ?? "";
  let done = false;
  const finish = (value: string | null, stay: boolean) => {
    if (done) return;
    done = true;
    look.write(row, column, value, stay);
  };
  /** Half a date has no value: it changes nothing, rather than deleting the one that is there. */
  const said = (event: Event, stay: boolean) => {
    const box = event.target as HTMLInputElement;
    if (!done && box.validity.badInput) fault(row, field, "Write the whole date. The one that was there stays.");
    finish(box.validity.badInput ? null : box.value, stay);
  };
  const key = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") finish(null, true);
    else if (event.key === "Enter" && !event.isComposing) said(event, true);
  };
  const left = (event: Event) => said(event, false);
  if (field.kind === "choice")
    return html`<select class="box" data-editor aria-label=${field.name} @keydown=${key} @blur=${left}>
      <option value="" ?selected=${!was}></option>
      ${field.choices.map((choice) => html`<option ?selected=${choice === was}>${choice}</option>`)}
    </select>`;
  return html`<input
    class="box"
    data-editor
    type=${field.kind === "date" ? "date" : "text"}
    inputmode=${field.kind === "number" ? "decimal" : "text"}
    maxlength="2000"
    dir="auto"
    aria-label=${field.name}
    .defaultValue=${was}
    @keydown=${key}
    @blur=${left}
  />`;
}
