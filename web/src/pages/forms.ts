/**
 * Sign-in, set-up, invitation and password forms. `<form data-post="/api/...">` is sent as JSON; a refusal is shown at
 * its field or above the form; success goes where the reply says, or shows `[data-done]` with `data-then="stay"`.
 */
import "../lib/face-element.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { iconElement } from "../lib/icons.ts";

const GOOD_LENGTH = [0, 6, 10, 14, 18] as const;
const VERDICTS = ["", "Too short", "A little short", "Good", "Strong. Longer beats stranger."] as const;

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-post]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit(form);
  });
  form.addEventListener("input", (event) => clearFault(event.target as HTMLInputElement));
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-show]")) {
  button.addEventListener("click", () => {
    const input = document.getElementById(button.dataset["show"]!) as HTMLInputElement;
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

for (const meter of document.querySelectorAll<HTMLElement>("[data-strength]")) {
  const input = document.getElementById(meter.dataset["strength"]!) as HTMLInputElement;
  input.addEventListener("input", () => showStrength(meter, input.value));
  showStrength(meter, input.value);
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-fill]")) {
  button.addEventListener("click", () => {
    const form = button.closest("form")!;
    for (const name of ["email", "password"]) {
      (form.elements.namedItem(name) as HTMLInputElement).value = button.dataset[name] ?? "";
    }
    form.requestSubmit();
  });
}

async function submit(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>("button:not([type=button])")!;
  if (button.getAttribute("aria-busy") === "true") return;
  refuse(form, "");
  const inputs = [...form.querySelectorAll<HTMLInputElement>("input[name]")];
  for (const input of inputs) clearFault(input);
  const empty = inputs.filter((input) => !input.checkValidity());
  if (empty.length) {
    for (const input of empty) fault(input, faultOf(input));
    empty[0]!.focus();
    return;
  }
  button.setAttribute("aria-busy", "true");
  try {
    const body = Object.fromEntries(inputs.map((input) => [input.name, trimmed(input)]));
    const { next } = await send<{ next: string }>("POST", form.dataset["post"]!, body);
    if (form.dataset["then"] === "stay") stay(form);
    else location.assign(next);
  } catch (error) {
    button.removeAttribute("aria-busy");
    tell(form, inputs, error);
  }
}

/** In our own words: a browser's sentences come in its own language and manner. */
function faultOf({ validity, minLength, type }: HTMLInputElement): string {
  if (validity.valueMissing) return "Please fill this in.";
  if (validity.tooShort) return `At least ${minLength} characters, please.`;
  if (type === "email") return "That does not look like an e-mail address.";
  return "Please look at this once more.";
}

const trimmed = (input: HTMLInputElement) =>
  input.type === "password" || input.name === "password" ? input.value : input.value.trim();

function stay(form: HTMLFormElement): void {
  const done = document.querySelector<HTMLElement>("[data-done]");
  form.hidden = true;
  if (done) {
    done.hidden = false;
    done.focus();
  }
}

function tell(form: HTMLFormElement, inputs: readonly HTMLInputElement[], error: unknown): void {
  const fields = error instanceof Failure ? error.fields : {};
  const faulty = inputs.filter((input) => fields[input.name] && input.type !== "hidden");
  for (const input of faulty) fault(input, fields[input.name]!);
  if (faulty.length) faulty[0]!.focus();
  else refuse(form, sentence(error));
}

function refuse(form: HTMLFormElement, words: string): void {
  const notice = form.querySelector<HTMLElement>("[data-refusal]");
  if (!notice) return;
  notice.hidden = !words;
  notice.replaceChildren(...(words ? [iconElement("alert"), words] : []));
}

function fault(input: HTMLInputElement, words: string): void {
  const line = document.getElementById(`e-${input.name}`);
  input.setAttribute("aria-invalid", "true");
  if (!line) return;
  line.hidden = false;
  line.replaceChildren(iconElement("alert"), words);
}

function clearFault(input: HTMLInputElement): void {
  input.removeAttribute("aria-invalid");
  const line = document.getElementById(`e-${input.name}`);
  if (line) line.hidden = true;
}

/** By length alone: that is what makes a password hard to guess, and nobody is told to add a digit. */
function showStrength(meter: HTMLElement, password: string): void {
  const level = password ? Math.max(1, GOOD_LENGTH.filter((length) => password.length >= length).length - 1) : 0;
  meter.dataset["level"] = String(level);
  for (const [index, bar] of [...meter.querySelectorAll("i")].entries()) bar.classList.toggle("on", index < level);
  meter.querySelector("[data-words]")!.textContent = VERDICTS[level]!;
}
