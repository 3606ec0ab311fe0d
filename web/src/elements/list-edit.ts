/** What is changed in a cell of a list: tags in a panel, a field's value in its place. */
import { html, render } from "lit";
import type { Card, CardTag, Choices, ListField, ListRow, ProfileView, StageView } from "../live/protocol.gen.ts";
import { Failure, sentence } from "../lib/api.ts";
import { icon } from "../lib/icons.ts";
import { api, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { plainName } from "../lib/moves.ts";
import { change, lane } from "../lib/outbox.ts";
import { placeAt } from "../lib/popover.ts";
import { tagCalled } from "../lib/tags.ts";
import { alarm } from "../lib/toast.ts";

const words = (error: unknown): string =>
  (error instanceof Failure && Object.values(error.fields)[0]) || sentence(error);

const faults = new Map<string, () => void>(); // by cell, how to take down what was said of it

/** Writes down what a field says; false when it was refused, which is said until somebody does better. */
export async function fillField(row: ListRow, field: ListField, value: string): Promise<boolean> {
  faults.get(cellOf(row, field))?.();
  try {
    await change<ProfileView>({
      lane: lane(row.card.id),
      method: "PUT",
      path: api(`candidates/${row.person}/fields/${field.id}`),
      body: { value },
      words: `${shortName(field.name)} of **${shortName(row.card.name)}** was not changed.`,
    });
    return true;
  } catch (error) {
    fault(row, field, words(error));
    return false;
  }
}

/** Says what is wrong with what somebody wrote into a cell, which stays as it was. */
export function fault(row: ListRow, field: ListField, what: string): void {
  const taken = alarm(`**${shortName(row.card.name)}**, ${shortName(field.name)}: ${what}`);
  faults.set(cellOf(row, field), taken);
}

const cellOf = (row: ListRow, field: ListField): string => `${row.card.id} ${field.id}`;

/** Asks to which stage; `now` is where the card is shown. */
export function openStages(
  anchor: HTMLElement,
  card: Card,
  now: string,
  stages: readonly StageView[],
  move: (stage: string) => void,
): void {
  const choices = stages.map((stage) => ({
    label: stage.name,
    colour: stage.colour,
    checked: stage.id === now,
    apart: stage.kind === "declined",
    run: () => move(stage.id),
  }));
  void openMenu(anchor, `Move ${shortName(card.name)} to`, choices);
}

/** Opens the panel of a person's tags; `changed` gets them after every choice, and whether the server took it. */
export function openTags(
  anchor: HTMLElement,
  row: ListRow,
  choices: Choices,
  changed: (tags: CardTag[], settled: boolean) => void,
): void {
  const panel = document.createElement("div");
  const back = document.activeElement instanceof HTMLElement ? document.activeElement : anchor;
  let tags: CardTag[] = [...row.card.tags];
  let typed = "";
  panel.className = "menu tagpanel";
  panel.popover = "auto";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", `Tags of ${shortName(row.card.name)}`);

  const set = async (wanted: CardTag[]) => {
    const before = tags;
    tags = wanted;
    changed(tags, false);
    draw();
    try {
      await change<ProfileView>({
        lane: lane(row.card.id),
        method: "PUT",
        path: api(`candidates/${row.person}/tags`),
        body: { tags: wanted.map((tag) => tag.name) },
        words: `The tags of **${shortName(row.card.name)}** were not changed.`,
      });
      changed(tags, true);
    } catch (error) {
      tags = before;
      changed(tags, true);
      alarm(words(error));
      draw();
    }
  };
  const has = (name: string) => tags.some((tag) => tag.name === name);
  const toggle = ({ name, colour }: CardTag) =>
    void set(has(name) ? tags.filter((tag) => tag.name !== name) : [...tags, { name, colour }]);
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const name = typed.trim();
    if (!name) return;
    const known = tagCalled(choices.tags, name);
    typed = "";
    if (!has(known?.name ?? name)) void set([...tags, known ?? { name, colour: 1 }]);
    else draw();
  };
  const draw = () => {
    const sought = plainName(typed.trim());
    const all = [...tags, ...choices.tags.filter((tag) => !has(tag.name))];
    const once = new Map(choices.tags.map((tag) => [tag.name, tag.once]));
    const called = (name: string) => [plainName(name), ...(once.get(name) ?? [])];
    render(
      html`<h3>Tags of <bdi>${shortName(row.card.name)}</bdi></h3>
        <form @submit=${add}>
          <label class="field"
            ><input
              aria-label="Find or add a tag"
              placeholder="Find or add a tag"
              maxlength="40"
              autocomplete="off"
              dir="auto"
              .value=${typed}
              @input=${(event: Event) => {
                typed = (event.target as HTMLInputElement).value;
                draw();
              }}
          /></label>
        </form>
        ${all
          .filter((tag) => called(tag.name).some((name) => name.includes(sought)))
          .slice(0, 60)
          .map(
            (tag) =>
              html`<button type="button" aria-pressed=${has(tag.name)} @click=${() => toggle(tag)}>
                <span class="dot c${tag.colour}"></span><span class="grow cut"><bdi>${tag.name}</bdi></span
                >${has(tag.name) ? icon("check") : ""}
              </button>`,
          )}`,
      panel,
    );
  };
  panel.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the page's own letters mean nothing in here
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const stops = [...panel.querySelectorAll<HTMLElement>("input, button")];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length]?.focus();
  });
  panel.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return;
    const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.remove();
    if (inside && back.isConnected) back.focus({ preventScroll: true });
  });
  draw();
  (anchor.closest("main") ?? document.body).append(panel);
  panel.showPopover();
  placeAt(panel, anchor);
  panel.querySelector<HTMLElement>("input")?.focus();
}
