/** The shortcuts of this page, from the list that makes them work, and the switch for single keys. */
import { html, render } from "lit";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import { allShortcuts, keyCaps, setSingleKeys, singleKeys, type Group, type Shortcut } from "../lib/shortcuts.ts";

const GROUPS: readonly Group[] = ["Anywhere", "Here", "Candidates", "Watching"];

/** Opens it; what is offered now is what it lists. */
export function open(): void {
  if (document.querySelector("dialog.shortcuts")) return;
  const dialog = dialogOf("shortcuts-title", "shortcuts");
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  render(sheet(dialog), dialog);
  void shown(dialog);
}

function sheet(dialog: HTMLDialogElement) {
  const known = allShortcuts().filter(({ label }) => label);
  return html`<header class="row">
      <h2 id="shortcuts-title">Shortcuts</h2>
      <span class="grow"></span>
      <button type="button" class="button quiet icon" aria-label="Close" @click=${() => dialog.close()}>
        ${icon("close")}
      </button>
    </header>
    <div class="groups" tabindex="0" role="region" aria-labelledby="shortcuts-title">
      ${GROUPS.map((group) =>
        listed(
          group,
          known.filter((one) => one.group === group),
        ),
      )}
    </div>
    <footer class="row">
      <label class="tick"
        ><input
          type="checkbox"
          role="switch"
          .checked=${singleKeys()}
          @change=${(event: Event) => setSingleKeys((event.target as HTMLInputElement).checked)}
        /><span
          ><b>Single-key shortcuts</b><span class="muted cut">Never while you type; kept in this browser</span></span
        ></label
      >
    </footer>`;
}

function listed(group: Group, shortcuts: readonly Shortcut[]) {
  if (!shortcuts.length) return "";
  return html`<section>
    <h3>${group}</h3>
    <dl>
      ${shortcuts.map(
        (shortcut) =>
          html`<div>
            <dt>${shortcut.label}</dt>
            <dd>
              ${keyCaps(shortcut).map(
                (way, at) =>
                  html`${at && keyCaps(shortcut).length < 3 ? " or " : ""}${way.map((key) => html`<kbd>${key}</kbd>`)}`,
              )}
            </dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
