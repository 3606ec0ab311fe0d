/** The workspace's tags in a dialog: called otherwise, coloured otherwise, merged, or taken away from everybody. */
import { html, nothing, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { TagOverlap, TagRow } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import { api, may } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { many } from "../lib/time.ts";

const COLOURS = Array.from({ length: 12 }, (_, at) => at + 1);

/** The dialog while it is open; `reload` shows what others changed meanwhile. */
export interface TagDialog {
  reload: () => Promise<void>;
  closed: Promise<void>;
}

/** Who has which of the two now, and what is then. */
function preview(tag: TagRow, other: TagRow, { people, into, both }: TagOverlap): string {
  const had = `${many(people, "person has", "people have")} ${tag.name}, ${into} ${into === 1 ? "has" : "have"} ${other.name}`;
  const after = people + into - both;
  return (
    `${had}${both ? `, ${both} of them both` : ""}. Afterwards ${many(after, "person has", "people have")} ${other.name}, ` +
    `and ${tag.name} is gone. Views and filters that ask for it will ask for ${other.name}. This cannot be undone.`
  );
}

export function openTags(): TagDialog {
  const dialog = dialogOf("tags-title", "tagdialog");
  let rows: TagRow[] | null = null;
  let fault = "";
  let faulty = "";
  let colouring = "";

  const act = async (tag: string, work: () => Promise<TagRow[]>) => {
    try {
      rows = await work();
      fault = faulty = "";
    } catch (error) {
      fault = (error instanceof Failure && Object.values(error.fields)[0]) || sentence(error);
      faulty = tag;
    }
    draw();
  };
  const reload = () => act("", () => send<TagRow[]>("GET", api("tags")));
  const change = (tag: TagRow, body: { name?: string; colour?: number }) =>
    act(tag.id, () => send<TagRow[]>("PATCH", api(`tags/${tag.id}`), body));

  const rename = (tag: TagRow, input: HTMLInputElement) => {
    const name = input.value.trim();
    if (name && name !== tag.name) void change(tag, { name });
    else input.value = tag.name;
  };
  const drop = async (tag: TagRow) => {
    const agreed = await confirmed({
      title: `Delete the tag ${tag.name}?`,
      text: tag.people ? `It goes from ${many(tag.people, "person", "people")}.` : "Nobody has it.",
      yes: "Delete",
      danger: true,
    });
    if (agreed) await act(tag.id, () => send<TagRow[]>("DELETE", api(`tags/${tag.id}`)));
  };

  const chooseOther = (tag: TagRow, anchor: HTMLElement) =>
    openMenu(
      anchor,
      `Merge ${tag.name} into`,
      (rows ?? [])
        .filter((other) => other.id !== tag.id)
        .map((other) => ({ label: other.name, colour: other.colour, run: () => void merge(tag, other) })),
    );
  const merge = async (tag: TagRow, other: TagRow) => {
    let overlap: TagOverlap;
    try {
      overlap = await send<TagOverlap>("GET", api(`tags/${tag.id}/merges/${other.id}`));
    } catch (error) {
      return act(tag.id, () => Promise.reject(error as Error));
    }
    const agreed = await confirmed({
      title: `Merge ${tag.name} into ${other.name}?`,
      text: preview(tag, other, overlap),
      yes: "Merge",
      danger: true,
    });
    if (agreed) await act(tag.id, () => send<TagRow[]>("POST", api(`tags/${tag.id}/merges`), { into: other.id }));
  };

  const line = (tag: TagRow) =>
    html`<li>
      <span class="row">
        ${
          may.edit
            ? html`<button
                  type="button"
                  class="swatch c${tag.colour}"
                  aria-label="Colour of ${tag.name}"
                  aria-expanded=${colouring === tag.id}
                  @click=${() => {
                    colouring = colouring === tag.id ? "" : tag.id;
                    draw();
                  }}
                ></button
                ><input
                  class="box grow"
                  dir="auto"
                  maxlength="40"
                  aria-label="Name of the tag ${tag.name}"
                  aria-invalid=${faulty === tag.id ? "true" : "false"}
                  .value=${tag.name}
                  @change=${(event: Event) => rename(tag, event.target as HTMLInputElement)}
                />`
            : html`<span class="tag c${tag.colour}"><bdi>${tag.name}</bdi></span
                ><span class="grow"></span>`
        }
        <span class="muted num nowrap">${many(tag.people, "person", "people")}</span>
        ${
          may.edit
            ? html`<button
                  type="button"
                  class="button quiet icon"
                  aria-haspopup="menu"
                  aria-expanded="false"
                  aria-label="Merge the tag ${tag.name} into another"
                  title="Merge into another tag"
                  ?disabled=${rows?.length === 1}
                  @click=${(event: Event) => void chooseOther(tag, event.currentTarget as HTMLElement)}
                >
                  ${icon("move")}</button
                ><button
                  type="button"
                  class="button quiet icon"
                  aria-label="Delete the tag ${tag.name}"
                  title="Delete"
                  @click=${() => void drop(tag)}
                >
                  ${icon("bin")}
                </button>`
            : nothing
        }
      </span>
      ${
        colouring === tag.id
          ? html`<span class="row wrap swatches" role="group" aria-label="Colours for ${tag.name}">
              ${COLOURS.map(
                (colour) =>
                  html`<button
                    type="button"
                    class="swatch c${colour}"
                    aria-label="Colour ${colour}"
                    aria-pressed=${colour === tag.colour}
                    @click=${() => {
                      colouring = "";
                      void change(tag, { colour });
                    }}
                  ></button>`,
              )}
            </span>`
          : nothing
      }
      ${faulty === tag.id ? html`<p class="fault" role="alert">${icon("alert")}${fault}</p>` : nothing}
    </li>`;

  const draw = () =>
    render(
      html`<header class="row">
          <div class="grow">
            <h2 id="tags-title">Tags of this workspace</h2>
            <p class="muted">A new name or colour is there at once, on everybody who has the tag.</p>
          </div>
          <button type="button" class="button quiet icon" aria-label="Close" @click=${() => dialog.close()}>
            ${icon("close")}
          </button>
        </header>
        ${fault && !faulty ? html`<p class="fault" role="alert">${icon("alert")}${fault}</p>` : nothing}
        ${
          rows === null
            ? html`<p class="muted" role="status">Reading the tags</p>`
            : rows.length
              ? html`<ul class="taglines">
                  ${repeat(rows, (tag) => tag.id, line)}
                </ul>`
              : html`<p class="muted">There are no tags yet. Put one on somebody, and it is there for all.</p>`
        }`,
      dialog,
    );

  draw();
  const closed = shown(dialog);
  void reload();
  return { reload, closed };
}
