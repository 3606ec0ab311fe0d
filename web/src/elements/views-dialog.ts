/** The dialog in which a view gets its name, and those who see it. Resolves to what `save` made, or null. */
import { html, nothing, render } from "lit";
import { Failure, sentence } from "../lib/api.ts";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import { may } from "../lib/me.ts";

export interface ViewForm {
  name: string;
  shared: boolean;
  everywhere: boolean;
}

/** `scope`: whether it may be for all jobs; a view that is there already has its scope. */
export async function askView<T>(
  title: string,
  was: { name: string; shared: boolean; everywhere?: boolean; id?: string },
  scope: boolean,
  save: (form: ViewForm) => Promise<T>,
): Promise<T | null> {
  const dialog = dialogOf("view-ask");
  let fault = "";
  let made: T | null = null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    try {
      made = await save({
        name: String(form.get("name") ?? ""),
        shared: form.has("shared"),
        everywhere: form.has("everywhere"),
      });
      dialog.close();
    } catch (error) {
      fault = (error instanceof Failure && Object.values(error.fields)[0]) || sentence(error);
      draw();
      dialog.querySelector<HTMLElement>("input")?.focus();
    }
  };
  const tick = (name: string, label: string) =>
    html`<label class="tick"><input type="checkbox" name=${name} /><span>${label}</span></label>`;
  const draw = () =>
    render(
      html`<form class="asked" novalidate @submit=${submit}>
        <h2 id="view-ask">${title}</h2>
        <div class="labelled">
          <label for="view-name">Name</label>
          <span class="field"
            ><input
              id="view-name"
              name="name"
              dir="auto"
              maxlength="60"
              autocomplete="off"
              .defaultValue=${was.name}
              aria-invalid=${fault ? "true" : "false"}
          /></span>
        </div>
        ${!was.id && may.edit ? tick("shared", "Everybody in the workspace sees it") : nothing}
        ${!was.id && scope ? tick("everywhere", "In all jobs, not only this one") : nothing}
        ${fault ? html`<p class="fault" role="alert">${icon("alert")}${fault}</p>` : nothing}
        <footer>
          <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
          <button class="button primary">Save</button>
        </footer>
      </form>`,
      dialog,
    );
  draw();
  await shown(dialog, "input");
  return made;
}
