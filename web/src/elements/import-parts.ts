/** Parts of the import page that hold nothing: its words, the preview of the columns, and what could not be imported. */
import { html, nothing, type TemplateResult } from "lit";
import type { Fault, Field, ImportColumn, ImportRow, ImportView, OwnField } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { ago, many } from "../lib/time.ts";

const WIDE = 12; // columns that are shown before somebody asks for all
const LONG = 100; // faults

export const FIELDS: readonly { field: Field; name: string }[] = [
  { field: "", name: "Leave out" },
  { field: "name", name: "Name" },
  { field: "first_name", name: "First name" },
  { field: "last_name", name: "Last name" },
  { field: "email", name: "E-mail" },
  { field: "phone", name: "Phone" },
  { field: "location", name: "Place" },
  { field: "headline", name: "Headline" },
  { field: "link", name: "Link" },
  { field: "tags", name: "Tags" },
  { field: "source", name: "Source" },
  { field: "stage", name: "Stage" },
];

export const DELIMITERS: readonly [string, string][] = [
  [",", "Comma ,"],
  [";", "Semicolon ;"],
  ["\t", "Tab"],
  ["|", "Bar |"],
];

/** Links may come from several columns; everything else from one, so that the column chosen last has it. */
export function choose(columns: readonly ImportColumn[], at: number, field: string): string[] {
  const once = field !== "" && field !== "link";
  return columns.map((column, index) => {
    if (index === at) return field;
    return once && column.field === field ? "" : column.field;
  });
}

/** What would become of the rows, before; what became of them, after. */
export function outcome(row: ImportRow): string {
  const before = row.state === "ready";
  const known = row.updated + row.unchanged;
  const parts = before
    ? [many(row.created, "new candidate"), known ? `${many(known, "candidate")} already in this job` : ""]
    : [
        `${many(row.created, "candidate")} added`,
        row.updated ? `${row.updated.toLocaleString("en-GB")} updated` : "",
        row.unchanged ? `${row.unchanged.toLocaleString("en-GB")} unchanged` : "",
      ];
  if (row.failed) parts.push(`${many(row.failed, "row")} left out`);
  return parts.filter(Boolean).join(", ");
}

/** The table as it will be understood: a choice above each column, and the first rows below. */
export function preview(
  view: ImportView,
  wide: boolean,
  locked: boolean,
  own: readonly OwnField[],
  change: (columns: string[]) => void,
  widen: () => void,
): TemplateResult {
  const numbered = view.columns.map((column, at) => ({ column, at }));
  const first = numbered.filter(({ column, at }) => wide || at < WIDE || column.field);
  const rows = Math.max(0, ...view.columns.map((column) => column.cells.length));
  const left = numbered.length - first.length;
  return html`<div class="importtable" tabindex="0" role="region" aria-label="Columns of the file">
      <table>
        <thead>
          <tr>
            ${first.map(
              ({ column, at }) =>
                html`<th scope="col" class=${column.field ? "" : "out"}>
                  <span class="cut"><bdi>${column.name}</bdi></span>
                  <select
                    class="box"
                    aria-label="What the column ${column.name} is"
                    ?disabled=${locked}
                    @change=${(event: Event) =>
                      change(choose(view.columns, at, (event.target as HTMLSelectElement).value))}
                  >
                    ${FIELDS.map(
                      ({ field, name }) =>
                        html`<option value=${field} ?selected=${field === column.field}>${name}</option>`,
                    )}
                    ${
                      own.length
                        ? html`<optgroup label="Fields">
                            ${own.map(
                              ({ key, name }) =>
                                html`<option value=${key} ?selected=${key === column.field}>${name}</option>`,
                            )}
                          </optgroup>`
                        : nothing
                    }
                  </select>
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${Array.from(
            { length: rows },
            (_, row) =>
              html`<tr>
                ${first.map(
                  ({ column }) =>
                    html`<td class=${column.field ? "" : "out"}><bdi class="cut">${column.cells[row] ?? ""}</bdi></td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      left > 0
        ? html`<p>
            <button type="button" class="button quiet" @click=${widen}>
              Show ${many(left, "more column")} that ${left === 1 ? "is" : "are"} left out
            </button>
          </p>`
        : nothing
    }`;
}

/** Rows that stay out, by number, each with the reason. */
export function faultList(faults: readonly Fault[], failed: number): TemplateResult | typeof nothing {
  if (!faults.length) return nothing;
  const rest = failed - Math.min(faults.length, LONG);
  return html`<details class="card importfaults" ?open=${failed <= 8}>
    <summary>${icon("alert")}<b>${many(failed, "row")}</b> cannot be imported. Everything else can.</summary>
    <ol>
      ${faults
        .slice(0, LONG)
        .map(
          (fault) =>
            html`<li>
              <span class="num muted">Row ${fault.row.toLocaleString("en-GB")}</span><bdi>${fault.message}</bdi>
            </li>`,
        )}
    </ol>
    ${rest > 0 ? html`<p class="muted">And ${many(rest, "more row")}.</p>` : nothing}
  </details>`;
}

/** The imports besides this one: files that somebody still looks at, and what was imported before. */
export function otherImports(rows: readonly ImportRow[]): TemplateResult {
  const open = rows.filter((row) => !row.ended_at);
  const ended = rows.filter((row) => row.ended_at);
  return html`${list("open", "Not imported yet", open)} ${list("earlier", "Earlier", ended)}`;
}

function list(id: string, title: string, rows: readonly ImportRow[]): TemplateResult | typeof nothing {
  if (!rows.length) return nothing;
  return html`<section aria-labelledby=${id}>
    <header class="sec"><h2 id=${id}>${title}</h2></header>
    <ul class="card importlist">
      ${rows.map(
        (row) =>
          html`<li>
            ${icon("file")}
            <div class="grow">
              <b class="cut"><bdi>${row.name}</bdi></b
              ><span class="muted cut"
                >${row.ended_at ? told(row) : row.state === "refused" ? "Not imported" : many(row.rows, "row")}</span
              >
            </div>
            <span class="muted nowrap"><bdi>${row.by.name}</bdi>, ${ago(row.ended_at ?? row.created_at)}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** What came of an import that has ended. */
export function told(row: ImportRow): string {
  if (row.state !== "cancelled") return outcome(row);
  return `${row.refusal ? `${row.refusal} ` : ""}Stopped after ${many(row.done, "row")}: ${outcome(row)}`;
}
