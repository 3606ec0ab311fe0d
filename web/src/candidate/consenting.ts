/** Agreeing to being kept: asked of those whom the team added, before anything of theirs is taken. */
import { newKey, send, sentence } from "../lib/api.ts";
import { tell } from "./apply.ts";
import { Place } from "./place.ts";

export function wireConsentForm(form: HTMLFormElement): void {
  const place = new Place();
  const key = newKey();
  form.noValidate = true;
  form.addEventListener("input", () => tell(form, "consent", ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tick = form.elements.namedItem("consent") as HTMLInputElement;
    const button = form.querySelector("button")!;
    if (button.ariaBusy === "true") return;
    if (!tick.checked) {
      tell(form, "consent", "Please agree first, or go on without: you can still write to the team.");
      tick.focus();
      return;
    }
    button.ariaBusy = "true";
    send("POST", `${place.api}/consent`, { version: Number(form.dataset["version"]) }, { key })
      .then(() => location.replace(`${place.base}/`))
      .catch((error: unknown) => {
        button.ariaBusy = "false";
        tell(form, "form", sentence(error));
      });
  });
}
