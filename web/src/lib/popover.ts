/** Places a popover beside what opened it, inside the window. */

export type Side = "below" | "right" | "above";

/** `align` says which edges line up when the popover stands below or above. */
export function placeAt(
  popover: HTMLElement,
  anchor: Element,
  side: Side = "below",
  align: "start" | "end" = "start",
): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const gap = 6;
  let left = align === "start" ? at.left : at.right - width;
  let top = at.bottom + gap;
  if (side === "right") {
    left = at.right + gap;
    top = at.top;
  }
  if (side === "above" || (side === "below" && top + height > innerHeight - 8 && at.top - gap - height > 8)) {
    top = at.top - gap - height;
  }
  popover.style.setProperty("left", `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`);
  popover.style.setProperty("top", `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`);
}
