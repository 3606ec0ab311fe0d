/** Asks before something that cannot be undone. */

export interface Question {
  title: string;
  text: string;
  /** What the button does, as a verb: "Remove". */
  yes: string;
  /** What declining it does, where "Cancel" does not say enough. */
  no?: string;
  /** A second way to go on, beside "Cancel". */
  other?: string;
  danger?: boolean;
}

/** True when the person agreed; Escape and "Cancel" are no. */
export async function confirmed(question: Question): Promise<boolean> {
  return (await chosen(question)) === "yes";
}

/** Which button was pressed; Escape and "Cancel" are "no". */
export function chosen(question: Question): Promise<"yes" | "other" | "no"> {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h2");
  title.id = `ask-${Math.random().toString(36).slice(2)}`;
  title.textContent = question.title;
  dialog.setAttribute("aria-labelledby", title.id);
  const text = document.createElement("p");
  text.textContent = question.text;
  const footer = document.createElement("footer");
  const no = button(question.no ?? "Cancel", "button", () => dialog.close("no"));
  const yes = button(question.yes, `button primary ${question.danger ? "danger" : ""}`, () => dialog.close("yes"));
  const other = question.other ? [button(question.other, "button", () => dialog.close("other"))] : [];
  footer.append(no, ...other, yes);
  dialog.append(title, text, footer);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      const pressed = dialog.returnValue;
      resolve(pressed === "yes" || pressed === "other" ? pressed : "no");
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
