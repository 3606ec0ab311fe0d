/** Single-letter shortcuts stay silent while somebody types. */

export function typing(event: KeyboardEvent): boolean {
  const writes = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
  const field = (event.target as HTMLElement | null)?.closest(writes);
  // A dialog that has just closed keeps the focus for another moment; nobody writes in it.
  return Boolean(field && !field.closest("dialog:not([open])")) || document.querySelector("dialog[open]") !== null;
}

/** No Ctrl, Alt or Meta held. */
export function plain(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.altKey && !event.metaKey;
}

/** On a control that Space presses. */
export function onControl(event: KeyboardEvent): boolean {
  const control = "button, a, summary, [role=slider], [role=tab], [role=menuitemradio]";
  return Boolean((event.target as HTMLElement | null)?.closest(control));
}
