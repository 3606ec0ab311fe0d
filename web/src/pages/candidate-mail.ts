/* "Check your mail", and asking for a lost link again. Always the same words: who applied is nobody's business. */
import { newKey, send, sentence } from "../lib/api.ts";
import { tell } from "../candidate/apply.ts";

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-lost]")) {
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = form.elements.namedItem("email") as HTMLInputElement;
    const ok = field.checkValidity() && field.value.trim() !== "";
    tell(form, "email", ok ? "" : "Please give the e-mail address of your application.");
    if (!ok) return field.focus();
    const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
    button?.setAttribute("aria-busy", "true");
    const job = form.dataset["lost"];
    send("POST", "/c/link-requests", { email: field.value.trim(), ...(job ? { job } : {}) }, { key: newKey() })
      .then(() => {
        const done = form.querySelector<HTMLElement>("[data-done]");
        if (done) done.hidden = false;
        form.querySelector("[data-fields]")?.setAttribute("hidden", "");
        done?.focus();
      })
      .catch((error: unknown) => tell(form, "form", sentence(error)))
      .finally(() => button?.removeAttribute("aria-busy"));
  });
}
