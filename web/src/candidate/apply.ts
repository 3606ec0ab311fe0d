/**
 * Applying: the form on the job page and on its own page. Sends it, puts what is wrong next to its field, and shows the
 * personal link to keep.
 */

import { Failure, newKey, send, sentence } from "../lib/api.ts";
import { iconElement } from "../lib/icons.ts";
import { sendOwnFile, unfit } from "./bringing.ts";
import { session } from "./remembered.ts";

interface Applied {
  next: string;
  link: string | null;
}

const MISSING: Record<string, string> = {
  name: "Please tell us your name.",
  email: "Please give an e-mail address, such as cleo@example.org.",
  consent: "Please agree, so that we may keep your application.",
};

export function wireApplyForm(form: HTMLFormElement): void {
  let key = newKey();
  form.noValidate = true;
  const written = new Written(form);
  form.addEventListener("input", (event) => {
    written.keep();
    const field = event.target as HTMLInputElement;
    if (field.getAttribute("aria-invalid") === "true" && field.checkValidity()) tell(form, field.name, "");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
    if (!button || button.getAttribute("aria-busy") === "true" || !valid(form)) return;
    button.setAttribute("aria-busy", "true");
    const data = new FormData(form);
    const body = {
      name: text(data, "name"),
      email: text(data, "email"),
      consent: data.get("consent") !== null,
      source: text(data, "source"),
    };
    send<Applied>("POST", form.dataset["action"] ?? form.action, body, { key })
      .then(async (applied) => {
        written.forget();
        if (!applied.link) return location.assign(applied.next);
        keepLink(form, applied.link, applied.next, await bringFile(data.get("cv"), applied.next));
      })
      .catch((error: unknown) => {
        key = newKey();
        refuse(form, error);
      })
      .finally(() => button.removeAttribute("aria-busy"));
  });
}

/** Name and address outlive a reload, as when a phone needs the room of this page for the file to be chosen. */
class Written {
  readonly #form: HTMLFormElement;
  readonly #name: string;

  constructor(form: HTMLFormElement) {
    this.#form = form;
    this.#name = `applying.${form.dataset["action"] ?? ""}`;
    for (const field of this.#fields) field.value ||= session.get(`${this.#name}.${field.name}`);
  }

  get #fields(): HTMLInputElement[] {
    return [...this.#form.querySelectorAll<HTMLInputElement>("input[name=name], input[name=email]")];
  }

  keep(): void {
    for (const field of this.#fields) session.set(`${this.#name}.${field.name}`, field.value);
  }

  forget(): void {
    for (const field of this.#fields) session.set(`${this.#name}.${field.name}`, "");
  }
}

const text = (data: FormData, name: string): string => String(data.get(name) ?? "").trim();

/** Sends the file that was chosen to the place that is theirs since a moment ago; says in words when that failed. */
async function bringFile(file: FormDataEntryValue | null, next: string): Promise<string> {
  if (!(file instanceof File) || file.size === 0) return "";
  const place = next.split("/").slice(0, 4).join("/");
  try {
    await sendOwnFile(place, file);
    return "";
  } catch (error) {
    return `${file.name.slice(0, 60)} did not get through. ${sentence(error)} You can add it on your page.`;
  }
}

function valid(form: HTMLFormElement): boolean {
  let first: HTMLInputElement | null = null;
  for (const name of Object.keys(MISSING)) {
    const field = form.elements.namedItem(name);
    if (!(field instanceof HTMLInputElement)) continue;
    const ok = field.checkValidity() && (field.type === "checkbox" || field.value.trim() !== "");
    tell(form, name, ok ? "" : MISSING[name]!);
    if (!ok) first ??= field;
  }
  const file = form.elements.namedItem("cv");
  if (file instanceof HTMLInputElement) {
    const words = unfit(file.files?.[0]);
    tell(form, "cv", words);
    if (words) first ??= file;
  }
  first?.focus();
  return first === null;
}

function refuse(form: HTMLFormElement, error: unknown): void {
  const fields = error instanceof Failure ? error.fields : {};
  let first: HTMLElement | null = null;
  for (const [name, words] of Object.entries(fields)) {
    tell(form, name, words);
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLElement) first ??= field;
  }
  tell(form, "form", first ? "" : sentence(error));
  first?.focus();
}

/** Says what is wrong with one field ("form": with the whole); no words take it back. */
export function tell(form: HTMLFormElement, name: string, words: string): void {
  const place = form.querySelector<HTMLElement>(`[data-fault="${name}"]`);
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLElement) {
    if (words) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  if (!place) return;
  place.replaceChildren(...(words ? [iconElement("alert"), document.createTextNode(words)] : []));
  place.hidden = words === "";
}

/** The application is in: shows the link to keep, in the form's place, and the way on. */
function keepLink(form: HTMLFormElement, link: string, next: string, lost: string): void {
  const panel = document.querySelector<HTMLTemplateElement>("#applied")?.content.firstElementChild?.cloneNode(true);
  if (!(panel instanceof HTMLElement)) {
    location.assign(next);
    return;
  }
  const warning = panel.querySelector<HTMLElement>("[data-cv]")!;
  warning.querySelector("span")!.textContent = lost;
  warning.hidden = !lost;
  const field = panel.querySelector<HTMLInputElement>("input")!;
  field.value = link;
  field.addEventListener("focus", () => field.select());
  panel.querySelector<HTMLAnchorElement>("a[data-next]")!.href = next;
  const button = panel.querySelector<HTMLButtonElement>("button[data-copy]")!;
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(link).then(
      () => {
        button.replaceChildren(iconElement("check"), document.createTextNode("Copied"));
        panel.querySelector("[data-said]")!.textContent = "The link is copied.";
      },
      () => field.select(),
    );
  });
  form.replaceWith(panel);
  for (const done of document.querySelectorAll(".dock, [data-before]")) done.remove();
  panel.scrollIntoView({ block: "nearest" });
  panel.querySelector<HTMLElement>("h2")?.focus();
}
