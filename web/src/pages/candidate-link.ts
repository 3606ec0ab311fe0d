/*
 * A personal link was opened. The token is exchanged for the candidate's cookie by a POST of this page: mail scanners
 * that fetch every link must not use it up, and it must not stay in the history.
 */
import { Failure, send, sentence } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";

const { token } = pageData<{ token: string }>();
const button = document.querySelector<HTMLButtonElement>("#open");
const lead = document.querySelector<HTMLElement>("#lead");
const fault = document.querySelector<HTMLElement>("#fault");

async function open(): Promise<void> {
  button?.setAttribute("aria-busy", "true");
  try {
    const { next } = await send<{ next: string }>("POST", "/c/links", { token });
    location.replace(next);
  } catch (error) {
    button?.removeAttribute("aria-busy");
    if (error instanceof Failure && error.code === "link_expired") return ended(error.message);
    if (fault) {
      fault.querySelector("p")!.textContent = sentence(error);
      fault.hidden = false;
    }
    lead?.setAttribute("hidden", "");
    if (button) button.textContent = "Try again";
  }
}

/** No second try helps with a link that ended: only a new one does. */
function ended(what: string): void {
  const title = document.querySelector<HTMLElement>("#title");
  if (title) title.textContent = "This link has ended";
  document.title = "This link has ended";
  if (lead) lead.textContent = what;
  fault?.remove();
  button?.remove();
  document.querySelector<HTMLElement>("#lost")?.removeAttribute("hidden");
}

button?.addEventListener("click", () => void open());
void open();
