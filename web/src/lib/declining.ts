/**
 * Asks before somebody is declined: one click must not end an application with nothing said. The message is kind and can
 * be changed. It is sent before the move, and the move needs it: nobody is declined with words that never left.
 */
import { html, render } from "lit";
import type { Card } from "../live/protocol.gen.ts";
import { icon } from "./icons.ts";
import { firstName, shortName } from "./me.ts";

const LONGEST = 10_000; // characters of a message

/** What is written when nobody writes anything else. */
export function kindWords(name: string, answers: boolean): string {
  return (
    `Hello ${name}, thank you for your ${answers ? "time and your answers" : "interest and your time"}. We have decided to go on with other people ` +
    "for this job. That is no verdict on you or your work, and we wish you all the best with what you do next."
  );
}

/** What was decided: `null` is "Cancel", an empty message is "without one". */
export function declining(card: Card): Promise<{ message: string } | null> {
  const dialog = document.createElement("dialog");
  dialog.className = "declining";
  dialog.setAttribute("aria-labelledby", "decline-title");
  let decided: { message: string } | null = null;
  let fault = "";

  const decide = (message: string) => {
    decided = { message };
    dialog.close();
  };

  const go = (event: SubmitEvent) => {
    event.preventDefault();
    const area = dialog.querySelector("textarea")!;
    const message = area.value.trim();
    if (message) return decide(message);
    fault = "Write a message, or decline without one.";
    draw();
    area.focus();
  };

  const draw = () =>
    render(
      html`<form novalidate @submit=${go}>
        <h2 id="decline-title">Decline ${shortName(card.name)}?</h2>
        <div class="labelled">
          <label for="decline-words">Message to <bdi>${firstName(card.name)}</bdi></label>
          <textarea
            class="box"
            id="decline-words"
            rows="7"
            dir="auto"
            maxlength=${LONGEST}
            aria-describedby="decline-help decline-fault"
            aria-invalid=${fault ? "true" : "false"}
            .defaultValue=${kindWords(firstName(card.name), card.answers > 0)}
          ></textarea>
          <p class="help" id="decline-help">It goes into your conversation, and by e-mail when they are away.</p>
          <p class="fault" id="decline-fault" role="alert" ?hidden=${!fault}>${icon("alert")}${fault}</p>
        </div>
        <footer>
          <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
          <span class="grow"></span>
          <button type="button" class="button" @click=${() => decide("")}>Decline without a message</button>
          <button class="button primary">Send and decline</button>
        </footer>
      </form>`,
      dialog,
    );

  draw();
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(decided);
    });
    dialog.showModal();
    dialog.querySelector("textarea")?.focus();
  });
}
