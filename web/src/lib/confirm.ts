/** Asks before something that cannot be undone. */

export interface Question {
  title: string;
  text: string;
  /** What the button does, as a verb: "Remove". */
  yes: string;
  danger?: boolean;
}

/** True when the person agreed; Escape and "Cancel" are no. */
export function confirmed(question: Question): Promise<boolean> {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h2");
  title.id = `ask-${Math.random().toString(36).slice(2)}`;
  title.textContent = question.title;
  dialog.setAttribute("aria-labelledby", title.id);
  const text = document.createElement("p");
  text.textContent = question.text;
  const footer = document.createElement("footer");
  const no = button("Cancel", "button", () => dialog.close("no"));
  const yes = button(question.yes, `button primary ${question.danger ? "danger" : ""}`, () => dialog.close("yes"));
  footer.append(no, yes);
  dialog.append(title, text, footer);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    no.focus();
  });
}

function button(label: string, look: string, run: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = look;
  element.textContent = label;
  element.addEventListener("click", run);
  return element;
}
