/** The panel in which the columns of a list are chosen and put in order, by mouse and by keyboard. */
import { html, render } from "lit";
import { icon } from "../lib/icons.ts";
import { placeAt } from "../lib/popover.ts";
import type { ListColumn } from "./list-columns.ts";

/** `set` gets the words of the columns in their order, after every choice. */
export function openColumns(
  anchor: HTMLElement,
  all: readonly ListColumn[],
  shown: readonly string[],
  set: (names: string[]) => void,
): void {
  const panel = document.createElement("div");
  panel.className = "menu columnpanel";
  panel.popover = "auto";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", "Columns");
  let names = [...shown];

  const choose = (wanted: string[], focus: string) => {
    names = wanted;
    set(names);
    draw();
    panel.querySelector<HTMLElement>(`[data-stop="${CSS.escape(focus)}"]`)?.focus();
  };
  const toggle = (name: string) =>
    choose(names.includes(name) ? names.filter((other) => other !== name) : [...names, name], `tick ${name}`);
  const shift = (name: string, by: number) => {
    const at = names.indexOf(name);
    if (at < 0 || at + by < 0 || at + by >= names.length) return;
    const moved = names.toSpliced(at, 1).toSpliced(at + by, 0, name);
    const edge = at + by === (by < 0 ? 0 : names.length - 1);
    choose(moved, edge ? `tick ${name}` : `${by} ${name}`);
  };
  const keys = (event: KeyboardEvent, name: string) => {
    if (!event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
    event.preventDefault();
    shift(name, event.key === "ArrowUp" ? -1 : 1);
  };
  const draw = () => {
    const known = new Map(all.map((column) => [column.name, column]));
    const order = [...names.flatMap((name) => known.get(name) ?? []), ...all.filter((c) => !names.includes(c.name))];
    const step = (column: ListColumn, by: number, label: string, name: string) => {
      const at = names.indexOf(column.name);
      const can = at >= 0 && at + by >= 0 && at + by < names.length;
      return html`<button
        type="button"
        class="icon"
        data-stop="${by} ${column.name}"
        ?disabled=${!can}
        aria-label="${column.title}: ${label}"
        @click=${() => shift(column.name, by)}
      >
        ${icon(name)}
      </button>`;
    };
    render(
      html`<h2>Columns</h2>
        <ul>
          ${order.map(
            (column) =>
              html`<li @keydown=${(event: KeyboardEvent) => keys(event, column.name)}>
                <label class="tick grow"
                  ><input
                    type="checkbox"
                    data-stop="tick ${column.name}"
                    .checked=${names.includes(column.name)}
                    @change=${() => toggle(column.name)}
                  /><span class="cut"><bdi>${column.title}</bdi></span></label
                >${step(column, -1, "earlier", "up")}${step(column, 1, "later", "down")}
              </li>`,
          )}
        </ul>`,
      panel,
    );
  };
  panel.addEventListener("keydown", (event) => event.stopPropagation());
  panel.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return;
    const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.remove();
    anchor.setAttribute("aria-expanded", "false");
    if (inside) anchor.focus({ preventScroll: true });
  });
  draw();
  (anchor.closest("main") ?? document.body).append(panel);
  panel.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  placeAt(panel, anchor, "below", "end");
  panel.querySelector<HTMLElement>("input")?.focus();
}
