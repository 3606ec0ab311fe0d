/** The frame of a dialog that is made for one question: it opens, what is in it decides, and then it is gone. */

/** A dialog that is called as its heading says, which has the id `title`. */
export function dialogOf(title: string, look = ""): HTMLDialogElement {
  const dialog = document.createElement("dialog");
  dialog.className = look;
  dialog.setAttribute("aria-labelledby", title);
  return dialog;
}

/** Shows a dialog that is drawn, with the focus on the first of `focus`; resolves when it is closed. */
export function shown(dialog: HTMLDialogElement, focus?: string): Promise<void> {
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    dialog.showModal();
    if (focus) dialog.querySelector<HTMLElement>(focus)?.focus();
  });
}
