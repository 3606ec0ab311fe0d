/**
 * Asks before somebody is declined: one click must not end an application with nothing said, nor many. The message is kind
 * and can be changed. It is sent with the move, in one request: nobody is declined with words that never left, and nobody
 * is told so whom a colleague has moved elsewhere meanwhile. What is planned with them is called off with it.
 */
import { html, render } from "lit";
import type { Card } from "../live/protocol.gen.ts";
import { CallingOff } from "./calling-off.ts";
import { dialogOf, shown } from "./dialog.ts";
import { icon } from "./icons.ts";
import { firstName, me, shortName } from "./me.ts";
import { MessageDialog, type Occasion } from "./message-dialog.ts";
import { type Said, unsent } from "./moving.ts";
import { addressed, fill, LONGEST, wordsFor } from "./placeholders.ts";
import { templatesButton } from "./template-button.ts";
import { many } from "./time.ts";

/** What is written when nobody writes anything else. */
function kindWords(name: string, answers: boolean): string {
  return (
    `Hello ${name}, thank you for your ${answers ? "time and your answers" : "interest and your time"}. We have decided to go on with other people ` +
    "for this job. That is no verdict on you or your work, and we wish you all the best with what you do next."
  );
}

/** What was written to one of them before and did not go, as that one reads it. */
function writtenTo(card: Card, job: string): string | undefined {
  const workspace = document.body.dataset["workspaceName"] ?? "";
  const text = unsent.get(card.id);
  return text && fill(text, wordsFor(card.name, job, workspace, me.name));
}

/** What was written to all of them before and did not go. */
function writtenToAll(cards: readonly Card[]): string | undefined {
  const text = unsent.get(cards[0]!.id);
  return cards.every((card) => unsent.get(card.id) === text) ? text : undefined;
}

/**
 * What was decided: `null` is "Cancel", an empty message is "without one". `job` is what the job is called. Nothing is
 * asked that is not `wanted` any more.
 */
export async function declining(
  cards: readonly Card[],
  job: string,
  others: number,
  wanted: () => boolean,
): Promise<Said | null> {
  const [card, another] = cards;
  const off = await CallingOff.of(cards);
  if (!wanted()) return null;
  const message = await (card && !another && !others
    ? decliningOne(card, job, off)
    : decliningMany(cards, job, others, off));
  return message === null ? null : { message, callOff: off.decided, known: off.known };
}

function whoGetsIt(count: number, others: number): string {
  const who = ["One candidate gets", "Both get"][count - 1] ?? `All ${count} get`;
  const before = `${many(others, "candidate")} you chose ${others === 1 ? "was" : "were"} declined before`;
  return (
    `${who} it in their own conversation, and by e-mail when they are away. It cannot be taken back; the move can, for ` +
    `ten seconds.${others ? ` ${before}: nothing goes there.` : ""}`
  );
}

/** One message for all of them; `others` come along and were declined before. */
async function decliningMany(
  cards: readonly Card[],
  job: string,
  others: number,
  off: CallingOff,
): Promise<string | null> {
  const count = many(cards.length, "candidate");
  let decided: string | null = null;
  const occasion: Occasion = {
    title: `Decline ${count}?`,
    text:
      writtenToAll(cards) ??
      kindWords(
        "{first_name}",
        cards.every((card) => card.answers > 0),
      ),
    help: whoGetsIt(cards.length, others),
    yes: `Send to ${cards.length} and decline`,
    without: { label: "Decline without a message", run: () => void (decided = "") },
    more: off.draw(),
  };
  await new MessageDialog(job, cards, occasion, (message) => void (decided = message)).open();
  return decided;
}

async function decliningOne(card: Card, job: string, off: CallingOff): Promise<string | null> {
  const dialog = dialogOf("decline-title", "declining");
  let decided: string | null = null;
  let fault = "";

  const decide = (message: string) => {
    decided = message;
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
          <div class="row between">
            <label for="decline-words">Message to <bdi>${firstName(card.name)}</bdi></label>
            ${templatesButton(() => ({ area: () => dialog.querySelector("textarea"), about: { name: card.name, job } }))}
          </div>
          <textarea
            class="box"
            id="decline-words"
            rows="7"
            dir="auto"
            maxlength=${LONGEST}
            aria-describedby="decline-help decline-fault"
            aria-invalid=${fault ? "true" : "false"}
            .defaultValue=${writtenTo(card, job) ?? kindWords(addressed(card.name), card.answers > 0)}
          ></textarea>
          <p class="help" id="decline-help">It goes into your conversation, and by e-mail when they are away.</p>
          <p class="fault" id="decline-fault" role="alert" ?hidden=${!fault}>${icon("alert")}${fault}</p>
        </div>
        ${off.draw()}
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
  await shown(dialog, "textarea");
  return decided;
}
