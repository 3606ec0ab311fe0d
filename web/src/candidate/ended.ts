/** The team ended this session: the page goes, with its camera and whatever it would ask, and says so plainly. */

export function leaveEnded(): void {
  // What was recorded is with the recorder; a question whether to leave could only keep the camera on.
  addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });
  location.replace("/c/ended");
}
