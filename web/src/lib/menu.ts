/** A menu of choices under a button: arrow keys, first letters, Escape; focus goes back to where it came from. */
import { iconElement } from "./icons.ts";
import { placeAt } from "./popover.ts";

export interface Choice {
  label: string;
  run: () => void;
  icon?: string;
  /** A coloured dot, 1 to 12. */
  colour?: number;
  checked?: boolean;
  danger?: boolean;
  /** Drawn with a line above it. */
  apart?: boolean;
}

/** Opens the menu; resolves when it has closed. */
export function openMenu(anchor: HTMLElement, heading: string, choices: readonly Choice[]): Promise<void> {
  const menu = document.createElement("div");
  menu.className = "menu";
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", heading);
  const title = document.createElement("h3");
  title.textContent = heading;
  title.setAttribute("role", "presentation");
  const items = choices.map((choice) => item(choice, () => menu.hidePopover()));
  menu.append(title);
  for (const [index, element] of items.entries()) {
    if (choices[index]!.apart) {
      menu.append(document.createElement("hr"));
    }
    menu.append(element);
  }
  (anchor.closest("[popover], main, nav, dialog") ?? document.body).append(menu);
  const back = document.activeElement instanceof HTMLElement ? document.activeElement : anchor;
  return new Promise((resolve) => {
    menu.addEventListener("keydown", (event) => keys(event, items));
    menu.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState !== "closed") return;
      const inside = menu.contains(document.activeElement) || document.activeElement === document.body;
      menu.remove();
      anchor.setAttribute("aria-expanded", "false");
      if (inside && back.isConnected) back.focus({ preventScroll: true });
      resolve();
    });
    menu.showPopover();
    anchor.setAttribute("aria-expanded", "true");
    placeAt(menu, anchor);
    (items.find((element) => element.getAttribute("aria-checked") === "true") ?? items[0])?.focus();
  });
}

function item(choice: Choice, close: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("role", choice.checked === undefined ? "menuitem" : "menuitemradio");
  if (choice.checked !== undefined) button.setAttribute("aria-checked", String(choice.checked));
  if (choice.danger) button.classList.add("danger");
  if (choice.colour) {
    const dot = document.createElement("span");
    dot.className = `dot c${choice.colour}`;
    button.append(dot);
  } else if (choice.icon) {
    button.append(iconElement(choice.icon));
  }
  const label = document.createElement("span");
  label.className = "grow cut";
  label.textContent = choice.label;
  button.append(label);
  if (choice.checked) button.append(iconElement("check"));
  button.addEventListener("click", () => {
    close();
    choice.run();
  });
  return button;
}

function keys(event: KeyboardEvent, items: readonly HTMLElement[]): void {
  const at = items.indexOf(document.activeElement as HTMLElement);
  const go = (index: number) => {
    event.preventDefault();
    event.stopPropagation();
    items.at(index % items.length)?.focus();
  };
  if (event.key === "ArrowDown") go(at + 1);
  else if (event.key === "ArrowUp") go(at - 1);
  else if (event.key === "Home") go(0);
  else if (event.key === "End") go(-1);
  else if (event.key === "Tab") event.preventDefault();
  else if (event.key.length === 1 && /\S/u.test(event.key)) {
    const letter = event.key.toLocaleLowerCase();
    const rotated = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    const match = rotated.find((element) => element.textContent?.trim().toLocaleLowerCase().startsWith(letter));
    event.preventDefault();
    match?.focus();
  }
}
