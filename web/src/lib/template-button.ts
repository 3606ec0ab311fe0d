/** The button beside a field for words to a candidate. Its menu comes when somebody wants it. */
import { html, type TemplateResult } from "lit";
import { sentence } from "./api.ts";
import { icon } from "./icons.ts";
import type { Wanted } from "./template-menu.ts";
import { alarm } from "./toast.ts";

export function templatesButton(wanted: () => Wanted, look = "quiet small"): TemplateResult {
  const open = (event: Event) => {
    const anchor = event.currentTarget as HTMLElement;
    import("./template-menu.ts").then(
      ({ openTemplates }) => openTemplates(anchor, wanted()),
      (error: unknown) => alarm(sentence(error)),
    );
  };
  return html`<button
    type="button"
    class="button templates ${look}"
    aria-haspopup="dialog"
    aria-expanded="false"
    @click=${open}
  >
    ${icon("text")}Templates
  </button>`;
}
