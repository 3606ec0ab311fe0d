/** Are these one person? Two profiles side by side, what is kept of each, and nothing that the candidate would notice. */
import { html, nothing, render, type TemplateResult } from "lit";
import type { AlikeView, FieldView, ProfileView } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import { shortName } from "../lib/me.ts";
import { candidateFace } from "../lib/picture.ts";
import { date, many } from "../lib/time.ts";

type Side = "kept" | "other";
const FIELDS = ["name", "phone", "location", "headline"] as const;
type Field = (typeof FIELDS)[number];
/** Whose particulars are kept; `fields` are those in which the other's value is. */
export type Choice = Record<Field, Side> & { fields: string[] };

const CALLED: Readonly<Record<Field, string>> = {
  name: "Name",
  phone: "Phone",
  location: "Lives in",
  headline: "Headline",
};

const NOTHING = html`<span class="muted">Nothing</span>`;

/** What stands here and not there is kept; of two different ones, that of the profile which is kept. */
function first(view: ProfileView, other: AlikeView): Choice {
  const side = (field: Field): Side => (!view[field] && other[field] ? "other" : "kept");
  return { name: "kept", phone: side("phone"), location: side("location"), headline: side("headline"), fields: [] };
}

/** Shows both; `merge` does it and may throw, then the dialog stays. Resolves when it is closed. */
export function compare(view: ProfileView, other: AlikeView, merge: (choice: Choice) => Promise<void>): Promise<void> {
  const dialog = dialogOf("merge-title", "merging");
  const choice = first(view, other);
  let busy = false;
  let fault = "";

  const go = async () => {
    if (busy) return;
    busy = true;
    draw();
    try {
      await merge(choice);
      dialog.close();
    } catch (error) {
      fault = sentence(error);
    }
    busy = false;
    draw();
  };

  const pick = (name: string, value: string, chosen: boolean, choose: () => void) =>
    html`<label class="option"
      ><input
        type="radio"
        name="merge-${name}"
        .checked=${chosen}
        @change=${() => {
          choose();
          draw();
        }}
      /><bdi>${value || NOTHING}</bdi></label
    >`;

  const either = (id: string, called: string, mine: string, theirs: string, side: Side, set: (side: Side) => void) =>
    html`<tr>
      <th scope="row"><bdi>${called}</bdi></th>
      ${
        mine === theirs
          ? html`<td class="keeps"><bdi>${mine || NOTHING}</bdi></td>
              <td class="muted">${mine ? "The same" : ""}</td>`
          : html`<td class="keeps">${pick(id, mine, side === "kept", () => set("kept"))}</td>
              <td>${pick(id, theirs, side === "other", () => set("other"))}</td>`
      }
    </tr>`;

  const row = (field: Field): TemplateResult =>
    either(field, CALLED[field], view[field], other[field], choice[field], (side) => (choice[field] = side));

  /** A field of the workspace's own: to be chosen where both say something else, else whatever is said stays. */
  const own = ({ id, name, value }: FieldView): TemplateResult | typeof nothing => {
    const theirs = other.fields[id] ?? "";
    if (!value && !theirs) return nothing;
    if (!value || !theirs) return both(name, value ? [value] : [], theirs ? [theirs] : []);
    return either(id, name, value, theirs, choice.fields.includes(id) ? "other" : "kept", (side) => {
      choice.fields = [...choice.fields.filter((one) => one !== id), ...(side === "other" ? [id] : [])];
    });
  };

  const both = (name: string, mine: readonly string[], theirs: readonly string[]): TemplateResult =>
    html`<tr>
      <th scope="row"><bdi>${name}</bdi></th>
      <td class="keeps">${words(mine)}</td>
      <td>${words(theirs)}</td>
    </tr>`;

  const draw = () =>
    render(
      html`<header class="row">
          <div class="grow">
            <h2 id="merge-title">Are these one person?</h2>
            <p>Pick what to keep. Both histories stay, in one timeline, and you can undo the merge for 30 days.</p>
          </div>
          <button type="button" class="button quiet icon" aria-label="Close" @click=${() => dialog.close()}>
            ${icon("close")}
          </button>
        </header>
        <div class="mergetable">
          <table>
            <thead>
              <tr>
                <td></td>
                <th scope="col" class="keeps">${head(view, "Keeps the profile")}</th>
                <th scope="col">${head(other, "")}</th>
              </tr>
            </thead>
            <tbody>
              ${row("name")} ${both("E-mail", [view.email], [other.email])} ${row("phone")} ${row("location")}
              ${row("headline")}
              ${view.links.length || other.links.length ? both("Links", view.links, other.links) : nothing}
              ${view.fields.map(own)}
              ${both(
                "Tags",
                view.tags.map((tag) => tag.name),
                other.tags,
              )}
              ${both(
                "Files",
                view.files.map((file) => file.name),
                other.files,
              )}
              ${both(
                "Jobs",
                view.applications.map((one) => one.title),
                other.applications,
              )}
            </tbody>
          </table>
        </div>
        ${fault ? html`<p class="fault" role="alert">${icon("alert")}${fault}</p>` : nothing}
        <footer>
          <p class="muted grow">
            ${icon("eye")}${
              choice.name === "kept"
                ? "The candidate sees nothing of this. Every link, address and conversation stays as it is."
                : "Every link, address and conversation stays as it is; one page of theirs shows the other name."
            }
          </p>
          <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
          <button type="button" class="button primary" aria-busy=${busy} @click=${go}>
            Merge into ${shortName(choice.name === "kept" ? view.name : other.name)}
          </button>
        </footer>`,
      dialog,
    );

  draw();
  return shown(dialog);
}

function words(list: readonly string[]): unknown {
  if (!list.length) return html`<span class="muted">None</span>`;
  return html`${icon("check")}<bdi>${list.join(", ")}</bdi>`;
}

type Head = { id: string; name: string; created_at: string; poster: string | null };

function head(who: Head, badge: string): TemplateResult {
  return html`<div class="row">
    ${candidateFace(who.id, who.name, who.poster)}
    <span class="grow"
      ><b title=${who.name}><bdi>${who.name}</bdi></b
      ><span class="muted cut">Known since ${date(who.created_at)}</span></span
    >
    ${badge ? html`<span class="badge accent">${badge}</span>` : nothing}
  </div>`;
}

/** The banner above a profile that looks like another. */
export function alikeBanner(
  view: ProfileView,
  may: boolean,
  deeds: { compare: (other: AlikeView) => void; apart: (other: AlikeView) => void },
): TemplateResult | typeof nothing {
  const [other] = view.alike;
  if (!other) return nothing;
  const why = other.why === "mailbox" ? "The same mailbox." : "Same phone number, similar name.";
  return html`<div class="notice warn alike" role="note">
    ${icon("people")}
    <p class="grow">
      <b>Probably the same person:</b> <bdi>${other.name}</bdi>, known since ${date(other.created_at)}. ${why}
      ${view.alike.length > 1 ? html`<span class="muted">And ${many(view.alike.length - 1, "more profile")}.</span>` : nothing}
    </p>
    ${
      may
        ? html`<button type="button" class="button" @click=${() => deeds.compare(other)}>Compare and merge</button>
            <button type="button" class="button quiet" @click=${() => deeds.apart(other)}>Not the same</button>`
        : nothing
    }
  </div>`;
}

/** The profiles that are parts of this one. */
export function partsCard(
  view: ProfileView,
  may: boolean,
  undo: (merge: string, name: string) => void,
): TemplateResult | typeof nothing {
  if (!view.merged.length) return nothing;
  return html`<section class="card pane" aria-labelledby="merged">
    <header class="row"><h2 id="merged">Merged from</h2></header>
    <ul class="contact">
      ${view.merged.map(
        (part) =>
          html`<li>
            ${icon("people")}<span class="grow"
              ><bdi class="cut">${part.name}</bdi><span class="muted cut"><bdi>${part.email}</bdi></span></span
            >
            ${
              may && part.undoable
                ? html`<button
                    type="button"
                    class="button quiet"
                    aria-label="Undo the merge of ${part.name}"
                    @click=${() => undo(part.merge, part.name)}
                  >
                    Undo
                  </button>`
                : nothing
            }
          </li>`,
      )}
    </ul>
  </section>`;
}
