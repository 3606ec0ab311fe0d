/** Dialogs of the profile: particulars, and a new field. Each resolves to what was entered, or null. */
import { html, nothing, render, type TemplateResult } from "lit";
import type { FieldKind, JobRow, ProfileView } from "../live/protocol.gen.ts";
import { Failure, sentence } from "../lib/api.ts";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";

type Save = (form: FormData) => Promise<void>;

const fault = (faults: Readonly<Record<string, string>>, name: string) =>
  faults[name] ? html`<p class="fault" id="fault-${name}" role="alert">${icon("alert")}${faults[name]}</p>` : nothing;

function input(label: string, name: string, value: string, longest: number, faults: Readonly<Record<string, string>>) {
  return html`<div class="labelled">
    <label for="p-${name}">${label}</label>
    <span class="field"
      ><input
        id="p-${name}"
        name=${name}
        dir="auto"
        maxlength=${longest}
        autocomplete="off"
        .defaultValue=${value}
        aria-invalid=${faults[name] ? "true" : "false"}
    /></span>
    ${fault(faults, name)}
  </div>`;
}

/** A dialog with a form that stays open until it is saved or cancelled; a refusal is shown where it belongs. */
function ask(
  title: string,
  yes: string,
  body: (faults: Readonly<Record<string, string>>) => TemplateResult,
  save: Save,
) {
  const dialog = dialogOf("profile-ask");
  let faults: Readonly<Record<string, string>> = {};
  let general = "";
  let busy = false;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    draw();
    try {
      await save(new FormData(event.target as HTMLFormElement));
      dialog.close();
    } catch (error) {
      faults = error instanceof Failure ? error.fields : {};
      general = Object.keys(faults).length ? "" : sentence(error);
    }
    busy = false;
    draw();
    dialog.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  const draw = () =>
    render(
      html`<form class="asked" novalidate @submit=${submit}>
        <h2 id="profile-ask">${title}</h2>
        ${body(faults)} ${general ? html`<p class="fault" role="alert">${icon("alert")}${general}</p>` : nothing}
        <footer>
          <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
          <button class="button primary" aria-busy=${busy}>${yes}</button>
        </footer>
      </form>`,
      dialog,
    );
  draw();
  void shown(dialog, "input");
}

/** Name, headline and the ways to reach somebody. */
export function askParticulars(view: ProfileView, save: Save): void {
  ask(
    "Contact and particulars",
    "Save",
    (faults) => html`
      ${input("Name", "name", view.name, 300, faults)} ${input("Headline", "headline", view.headline, 300, faults)}
      ${input("Phone", "phone", view.phone, 60, faults)} ${input("Place", "location", view.location, 300, faults)}
      <div class="labelled">
        <label for="p-links">Links, one per line</label>
        <textarea
          class="box"
          id="p-links"
          name="links"
          rows="3"
          aria-invalid=${faults["links"] ? "true" : "false"}
          .defaultValue=${view.links.join("\n")}
        ></textarea>
        ${fault(faults, "links")}
      </div>
    `,
    save,
  );
}

const KINDS: readonly [FieldKind, string][] = [
  ["text", "Text"],
  ["number", "Number"],
  ["date", "Date"],
  ["choice", "One of a list"],
  ["link", "Link"],
];

/** A field that every profile of the workspace gets. */
export function askField(save: Save): void {
  ask(
    "New field",
    "Add the field",
    (faults) => html`
      <p>It stands on the profile of everybody in this workspace.</p>
      ${input("Name", "name", "", 60, faults)}
      <div class="labelled">
        <label for="p-kind">Kind</label>
        <select class="box" id="p-kind" name="kind">
          ${KINDS.map(([kind, name]) => html`<option value=${kind}>${name}</option>`)}
        </select>
      </div>
      <div class="labelled">
        <label for="p-choices">For a list: the choices, one per line</label>
        <textarea
          class="box"
          id="p-choices"
          name="choices"
          rows="3"
          aria-invalid=${faults["choices"] ? "true" : "false"}
        ></textarea>
        ${fault(faults, "choices")}
      </div>
    `,
    save,
  );
}

/** Into which of these jobs somebody is put; nobody is written to unless that is asked for. */
export function askJob(first: string, jobs: readonly JobRow[], save: Save): void {
  ask(
    `Add ${first} to a job`,
    "Add",
    (faults) => html`
      <div class="labelled">
        <label for="p-job">Job</label>
        <select class="box" id="p-job" name="job">
          ${jobs.map((job) => html`<option value=${job.id}>${job.title}${job.state === "draft" ? " (draft)" : ""}</option>`)}
        </select>
        ${fault(faults, "job")}
      </div>
      ${input("Source", "source", "Added by hand", 120, faults)}
      <label class="tick"
        ><input type="checkbox" name="mail" value="yes" /><span
          >Mail them their personal link<small class="muted">Without it, ${first} hears nothing of this.</small></span
        ></label
      >
    `,
    save,
  );
}

/** Where somebody came from. */
export function askSource(title: string, source: string, save: Save): void {
  ask(
    `Where they came from`,
    "Save",
    (faults) =>
      html`<p class="muted"><bdi>${title}</bdi></p>
        ${input("Source", "source", source, 120, faults)}`,
    save,
  );
}
