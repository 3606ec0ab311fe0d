/** Single-letter shortcuts stay silent while somebody types. */

export function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return (
    Boolean(target?.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) ||
    document.querySelector("dialog[open]") !== null
  );
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
