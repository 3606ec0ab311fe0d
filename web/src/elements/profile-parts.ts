/** The cards beside a person's timeline: contact, applications, tags, fields, consent, files. They hold nothing. */
import { html, nothing, type TemplateResult } from "lit";
import type { FieldView, FileView, ProfileApplication, ProfileView, Scores } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { firstName, may, path } from "../lib/me.ts";
import { bytes } from "../lib/size.ts";
import { ago, date, exactly } from "../lib/time.ts";
import { scoreOf } from "./profile-scores.ts";

/** What can be done from the cards. */
export interface Deeds {
  edit: () => void;
  /** Makes other tags of those that they have when it is their turn. */
  tag: (change: (names: string[]) => string[]) => void;
  fill: (field: FieldView, value: string) => void;
  addField: () => void;
  dropField: (field: FieldView) => void;
  addFile: (file: File) => void;
  removeFile: (file: FileView) => void;
  show: (file: FileView) => void;
  setSource: (application: ProfileApplication) => void;
  manageTags: () => void;
}

const line = (name: string, body: unknown) => html`<li>${icon(name)}<span class="grow cut">${body}</span></li>`;

export function contact(view: ProfileView, deeds: Deeds): TemplateResult {
  return html`<section class="card pane" aria-labelledby="contact">
    <header class="row">
      <h2 id="contact" class="grow">Contact</h2>
      ${may.edit ? html`<button type="button" class="button quiet" @click=${deeds.edit}>Edit</button>` : nothing}
    </header>
    <ul class="contact">
      ${line("mail", html`<a href="mailto:${view.email}"><bdi>${view.email}</bdi></a>`)}
      ${view.phone ? line("phone", html`<a href="tel:${view.phone.replace(/[^+\d]/g, "")}">${view.phone}</a>`) : nothing}
      ${view.location ? line("pin", html`<bdi>${view.location}</bdi>`) : nothing}
      ${view.links.map((link) =>
        line(
          "link",
          html`<a href=${link} target="_blank" rel="noopener noreferrer nofollow"
            ><bdi>${link.replace(/^https?:\/\//, "")}</bdi></a
          >`,
        ),
      )}
    </ul>
  </section>`;
}

/** `scores`: of those that have one that I may see. */
export function applications(view: ProfileView, scores: Scores["scores"], deeds: Deeds): TemplateResult {
  return html`<section class="card pane" aria-labelledby="applications">
    <header class="row">
      <h2 id="applications">Applications</h2>
      <span class="muted num">${view.applications.length}</span>
    </header>
    <ul class="places">
      ${view.applications.map(
        (one) =>
          html`<li>
            <a href=${path(`applications/${one.id}`)}>
              <span class="dot c${one.stage.colour}"></span>
              <span class="grow">
                <b class="cut"><bdi>${one.title}</bdi></b>
                <span class="muted cut">${one.stage.name}, since ${date(one.created_at)}</span>
                ${one.source ? html`<span class="muted cut" title=${one.source}><bdi>${one.source}</bdi></span>` : nothing}
              </span>
              ${scores[one.id] ? scoreOf(scores[one.id]!) : nothing}
            </a>
            ${
              may.edit
                ? html`<button
                    type="button"
                    class="button quiet icon"
                    title="Where they came from"
                    aria-label="Change where they came from: ${one.title}"
                    @click=${() => deeds.setSource(one)}
                  >
                    ${icon("write")}
                  </button>`
                : nothing
            }
          </li>`,
      )}
    </ul>
  </section>`;
}

export function tagCard(view: ProfileView, deeds: Deeds): TemplateResult {
  const names = view.tags.map((tag) => tag.name);
  const add = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const name = input.value.trim();
    input.value = "";
    if (name) deeds.tag((had) => [...had, name]);
  };
  return html`<section class="card pane" aria-labelledby="tags">
    <header class="row">
      <h2 id="tags" class="grow">Tags</h2>
      <button
        type="button"
        class="button quiet"
        aria-label="${may.edit ? "Manage the" : "All"} tags of the workspace"
        @click=${deeds.manageTags}
      >
        ${may.edit ? "Manage" : "All"}
      </button>
    </header>
    <div class="row wrap taglist">
      ${view.tags.map(
        (tag) =>
          html`<span class="tag c${tag.colour}"
            ><bdi>${tag.name}</bdi>${
              may.edit
                ? html`<button
                    type="button"
                    aria-label="Take off ${tag.name}"
                    @click=${() => deeds.tag((had) => had.filter((name) => name !== tag.name))}
                  >
                    ${icon("close")}
                  </button>`
                : nothing
            }</span
          >`,
      )}
      ${
        may.edit
          ? html`<span class="field newtag"
                >${icon("plus")}<input
                  list="vocabulary"
                  maxlength="40"
                  placeholder="Tag"
                  aria-label="Add a tag"
                  autocomplete="off"
                  @change=${add}
              /></span>
              <datalist id="vocabulary">
                ${view.vocabulary
                  .filter((tag) => !names.includes(tag.name))
                  .flatMap((tag) => [
                    html`<option value=${tag.name}></option>`,
                    ...tag.once.map(
                      (once) => html`<option value=${tag.name} label="${tag.name}, once ${once}"></option>`,
                    ),
                  ])}
              </datalist>`
          : view.tags.length
            ? nothing
            : html`<span class="muted">None yet</span>`
      }
    </div>
  </section>`;
}

export function fieldCard(view: ProfileView, faults: ReadonlyMap<string, string>, deeds: Deeds): TemplateResult {
  return html`<section class="card pane" aria-labelledby="fields">
    <header class="row">
      <h2 id="fields" class="grow">Fields</h2>
      ${may.edit ? html`<button type="button" class="button quiet" @click=${deeds.addField}>${icon("plus")}Field</button>` : nothing}
    </header>
    ${
      view.fields.length
        ? html`<dl class="fieldlist">
            ${view.fields.map(
              (field) =>
                html`<div>
                  <dt>
                    <label for="field-${field.id}"><bdi>${field.name}</bdi></label>
                  </dt>
                  <dd>
                    ${may.edit ? fieldInput(field, deeds) : fieldValue(field)}
                    ${
                      may.edit
                        ? html`<button
                            type="button"
                            class="button quiet icon drop"
                            title="Delete this field"
                            aria-label="Delete the field ${field.name}"
                            @click=${() => deeds.dropField(field)}
                          >
                            ${icon("bin")}
                          </button>`
                        : nothing
                    }
                    ${faults.has(field.id) ? html`<p class="fault" role="alert">${icon("alert")}${faults.get(field.id)}</p>` : nothing}
                  </dd>
                </div>`,
            )}
          </dl>`
        : html`<p class="muted small-note">
            What your workspace wants to know of everybody: notice, pay, work permit.
          </p>`
    }
  </section>`;
}

function fieldValue(field: FieldView): unknown {
  if (!field.value) return html`<span class="muted">–</span>`;
  if (field.kind !== "link") return html`<bdi>${field.value}</bdi>`;
  return html`<a href=${field.value} target="_blank" rel="noopener noreferrer nofollow">${field.value}</a>`;
}

function fieldInput(field: FieldView, deeds: Deeds): TemplateResult {
  const save = (event: Event) => {
    const box = event.target as HTMLInputElement | HTMLSelectElement;
    if (!box.validity.badInput) deeds.fill(field, box.value); // half a date deletes none
  };
  const left = ({ target }: Event) => {
    const box = target as HTMLInputElement;
    if (box.validity.badInput) box.value = field.value;
  };
  if (field.kind === "choice") {
    return html`<select class="box" id="field-${field.id}" @change=${save}>
      <option value="" ?selected=${!field.value}>–</option>
      ${field.choices.map((choice) => html`<option value=${choice} ?selected=${choice === field.value}>${choice}</option>`)}
    </select>`;
  }
  return html`<input
    class="box"
    id="field-${field.id}"
    type=${field.kind === "date" ? "date" : "text"}
    inputmode=${field.kind === "number" ? "decimal" : field.kind === "link" ? "url" : "text"}
    maxlength="2000"
    dir="auto"
    placeholder="–"
    .value=${field.value}
    @change=${save}
    @blur=${left}
  />`;
}

/** Who agreed to what, per application: whom the team added has agreed to nothing until their link was opened. */
export function consent(view: ProfileView): TemplateResult {
  return html`<section class="card pane" aria-labelledby="consent">
    <header class="row"><h2 id="consent">Consent</h2></header>
    <ul class="consents">
      ${view.applications.map(
        (one) =>
          html`<li>
            ${icon(one.consent_at ? "check" : "alert")}
            <span class="grow" title=${one.consent_at ? exactly(one.consent_at) : nothing}
              ><bdi>${one.title}</bdi>:
              ${
                one.consent_at
                  ? `agreed ${ago(one.consent_at)}${one.consent_version ? `, version ${one.consent_version} of the words` : ""}`
                  : "added by the team, has not agreed yet. Their link asks them before it takes anything."
              }</span
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

export function fileCard(view: ProfileView, shown: FileView | undefined, busy: boolean, deeds: Deeds): TemplateResult {
  return html`<section class="card pane files" aria-labelledby="files">
    <header class="row">
      <h2 id="files" class="grow">CV and files</h2>
      ${
        may.edit
          ? html`<label class="button quiet ${busy ? "pending" : ""}"
              >${icon("plus")}File<input
                type="file"
                class="sr"
                accept=".pdf,.docx,.png,.jpg,.jpeg,.webp,.gif,.txt,.md"
                @change=${(event: Event) => {
                  const input = event.target as HTMLInputElement;
                  if (input.files?.[0]) deeds.addFile(input.files[0]);
                  input.value = "";
                }}
            /></label>`
          : nothing
      }
    </header>
    ${
      view.files.length
        ? html`<ul class="filelist">
            ${view.files.map(
              (file) =>
                html`<li class=${file.id === shown?.id ? "on" : ""}>
                  <button
                    type="button"
                    class="line"
                    aria-pressed=${file.id === shown?.id}
                    @click=${() => deeds.show(file)}
                  >
                    ${icon("file")}<span class="grow"
                      ><b class="cut"><bdi>${file.name}</bdi></b
                      ><span class="muted cut"
                        >${bytes(file.bytes)}, ${file.by?.name ?? firstName(view.name)}, ${date(file.created_at)}</span
                      ></span
                    >
                  </button>
                  <a class="button quiet icon" href=${file.url} download aria-label="Download ${file.name}"
                    >${icon("download")}</a
                  >
                  ${
                    may.edit
                      ? html`<button
                          type="button"
                          class="button quiet icon"
                          aria-label="Delete ${file.name}"
                          @click=${() => deeds.removeFile(file)}
                        >
                          ${icon("bin")}
                        </button>`
                      : nothing
                  }
                </li>`,
            )}
          </ul>`
        : html`<p class="muted small-note">PDF, Word, pictures or plain text, up to 15 MB.</p>`
    }
    ${shown ? preview(shown) : nothing}
  </section>`;
}

function preview(file: FileView): TemplateResult {
  if (file.state === "new") return html`<p class="muted" role="status">Reading the file</p>`;
  if (file.state === "unreadable") {
    return html`<p class="notice warn">
      ${icon("alert")}<span>This file cannot be shown here. Download it to have a look.</span>
    </p>`;
  }
  if (file.pictures.length) {
    return html`<div class="papers" tabindex="0" role="region" aria-label="Pages of ${file.name}">
      ${file.pictures.map(
        (picture, at) =>
          html`<img src=${picture} alt="Page ${at + 1} of ${file.name}" loading="lazy" decoding="async" />`,
      )}
    </div>`;
  }
  return html`<div class="papers" tabindex="0" role="region" aria-label="Text of ${file.name}">
    <p class="papertext" dir="auto">${file.text || "There is no text in it."}</p>
  </div>`;
}
