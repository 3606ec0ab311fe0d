/**
 * Asks before somebody is declined: one click must not end an application with nothing said. The message is kind, can be
 * changed, and goes out before the move, so that nobody is declined with words that never left.
 */
import { html, render } from "lit";
import type { Card } from "../live/protocol.gen.ts";
import { newKey, send, sentence } from "./api.ts";
import { icon } from "./icons.ts";
import { api, firstName, shortName } from "./me.ts";

const LONGEST = 10_000; // characters of a message

/** What is written when nobody writes anything else. */
function kindWords({ name, answers }: Card): string {
  return (
    `Hello ${firstName(name)}, thank you for your ${answers ? "time and your answers" : "interest and your time"}. We have decided to go on with other people ` +
    "for this job. That is no verdict on you or your work, and we wish you all the best with what you do next."
  );
}

/** True once the person may be moved: the message was sent, or it was decided to send none. False is "Cancel". */
export function declining(card: Card): Promise<boolean> {
  const { id, name } = card;
  const dialog = document.createElement("dialog");
  dialog.className = "declining";
  dialog.setAttribute("aria-labelledby", "decline-title");
  let key = newKey(); // a second try after a lost reply says nothing twice; other words are another message
  let tried = "";
  let busy = false;
  let fault = "";

  const go = async (event: SubmitEvent) => {
    event.preventDefault();
    const body = dialog.querySelector("textarea")!.value.trim();
    if (busy) return;
    if (!body) {
      fault = "Write a message, or decline without one.";
      draw();
      dialog.querySelector("textarea")!.focus();
      return;
    }
    if (tried && body !== tried) key = newKey();
    tried = body;
    busy = true;
    fault = "";
    draw();
    try {
      await send("POST", api(`applications/${id}/messages`), { body }, { key });
      dialog.close("yes");
    } catch (error) {
      busy = false;
      fault = sentence(error);
      draw();
    }
  };

  const draw = () =>
    render(
      html`<form novalidate @submit=${go}>
        <h2 id="decline-title">Decline ${shortName(name)}?</h2>
        <div class="labelled">
          <label for="decline-words">Message to <bdi>${firstName(name)}</bdi></label>
          <textarea
            class="box"
            id="decline-words"
            rows="7"
            dir="auto"
            maxlength=${LONGEST}
            aria-describedby="decline-help decline-fault"
            aria-invalid=${fault ? "true" : "false"}
            .defaultValue=${kindWords(card)}
          ></textarea>
          <p class="help" id="decline-help">It goes into your conversation, and by e-mail when they are away.</p>
          <p class="fault" id="decline-fault" role="alert" ?hidden=${!fault}>${icon("alert")}${fault}</p>
        </div>
        <footer>
          <button type="button" class="button" @click=${() => dialog.close("no")}>Cancel</button>
          <span class="grow"></span>
          <button type="button" class="button" ?disabled=${busy} @click=${() => dialog.close("yes")}>
            Decline without a message
          </button>
          <button class="button primary" aria-busy=${busy}>Send and decline</button>
        </footer>
      </form>`,
      dialog,
    );

  draw();
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("cancel", (event) => busy && event.preventDefault());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    dialog.querySelector("textarea")?.focus();
  });
}
