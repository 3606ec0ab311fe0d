/** What a list offers at the end of its row of tools: its columns, and itself as a file. */
import { html, nothing, type TemplateResult } from "lit";
import type { ListView } from "../live/protocol.gen.ts";
import { fetchFile, sentence } from "../lib/api.ts";
import { withWord } from "../lib/filters.ts";
import { icon } from "../lib/icons.ts";
import { api, may } from "../lib/me.ts";
import { alarm, toast } from "../lib/toast.ts";
import { openColumns } from "./list-choice.ts";
import { allColumns, type ListColumn } from "./list-columns.ts";

/** `choose` gets the words of the columns that are wanted, in their order. */
export function listTools(
  view: ListView,
  query: string,
  columns: readonly ListColumn[],
  choose: (names: string[]) => void,
): TemplateResult {
  const names = columns.map((column) => column.name);
  const open = (event: Event) =>
    openColumns(event.currentTarget as HTMLElement, allColumns(view.fields), names, choose);
  return html`<button
      type="button"
      class="button quiet sidetool"
      aria-haspopup="dialog"
      aria-expanded="false"
      aria-label="Columns"
      @click=${open}
    >
      ${icon("columns")}<span>Columns</span></button
    >${
      may.edit
        ? html`<button
            type="button"
            class="button quiet sidetool ascsv"
            aria-label="What is shown as CSV"
            @click=${(event: Event) =>
              void take(event.currentTarget as HTMLElement, view.job.id, withWord(query, "columns", names.join(",")))}
          >
            ${icon("download")}<span>CSV</span>
          </button>`
        : nothing
    }`;
}

async function take(button: HTMLElement, job: string, query: string): Promise<void> {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    const { name, blob } = await fetchFile(api(`jobs/${job}/list/exports`), { query });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name || "list.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    toast("What the list shows is in your downloads");
  } catch (error) {
    alarm(sentence(error));
  } finally {
    button.ariaBusy = "false";
  }
}
