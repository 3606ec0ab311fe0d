/** What is done to everybody who is selected on a board: a tag, somebody who looks after them, a message to each. */
import { html, nothing, render } from "lit";
import type { Card, TagRow, Together } from "../live/protocol.gen.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import { api, me, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { change } from "../lib/outbox.ts";
import { tagCalled } from "../lib/tags.ts";
import { takeBack } from "../lib/taking-back.ts";
import { MessageDialog } from "../lib/message-dialog.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";
import type { Board } from "./board-panels.ts";

/** Sends it, and shows the cards as they are now. Throws the server's refusal. */
async function act(board: Board, what: string, body: object, words: string): Promise<Together | undefined> {
  const { id } = board.job();
  const key = board.moves.key();
  const path = api(`jobs/${id}/${what}`);
  const done = await change<Together>({ lane: `cards:${id}`, key, method: "POST", path, body, words });
  if (done) board.changed(done.cards, key);
  return done;
}

/** Says what was done, and that it can be taken back. */
function offerBack(board: Board, done: Together, words: string): void {
  const { event } = done;
  if (!event) return void toast("That is so already.", { name: "together" });
  board.moves.offerBack(words, (key) => takeBack(board.job().id, event, (cards) => board.changed(cards, key), key));
  board.say(words.replaceAll("**", ""));
}

function chosen(board: Board): Card[] {
  return board.selection.ids.flatMap((id) => board.card(id) ?? []);
}

export function message(board: Board): void {
  const cards = chosen(board);
  if (!cards.length) return;
  const count = many(cards.length, "candidate");
  const occasion = {
    title: `Message ${count}`,
    help: "Each of them gets it in their own conversation, and by e-mail when they are away. It cannot be taken back.",
    yes: `Send to ${count}`,
  };
  const dialog = new MessageDialog(board.job().title, cards, occasion, async (text) => {
    const body = { cards: cards.map((card) => card.id), text };
    const done = await act(board, "messages", body, `Your message to ${count} was not sent.`);
    if (!done) return;
    board.selection.clear();
    const whom = cards.length === 1 ? `**${shortName(cards[0]!.name)}**` : count;
    toast(`Your message went to ${whom}`, { name: "together" });
    board.say(`Your message went to ${whom.replaceAll("**", "")}`);
  });
  void dialog.open();
}

// A tag

export async function tag(board: Board): Promise<void> {
  const cards = chosen(board);
  if (!cards.length) return;
  const known = await send<TagRow[]>("GET", api("tags")).catch(() => [] as TagRow[]);
  const worn = new Map(cards.flatMap((card) => card.tags.map((one) => [one.name, one.colour] as const)));
  const dialog = dialogOf("together-title", "declining together");
  const put = async (name: string, on: boolean) => {
    const word = tagCalled(known, name)?.name ?? name.trim();
    if (!word) return dialog.querySelector("input")?.focus();
    dialog.close();
    const words = `The tag **${word}** was not ${on ? "put on" : "taken off"}.`;
    try {
      const done = await act(board, "tags", { cards: cards.map((card) => card.id), tag: word, put: on }, words);
      if (!done) return;
      const people = many(done.cards.length, "candidate");
      offerBack(board, done, on ? `Tagged ${people} **${word}**` : `Took **${word}** off ${people}`);
    } catch (error) {
      const fields = error instanceof Failure ? Object.values(error.fields) : [];
      alarm(fields[0] ?? sentence(error));
    }
  };
  render(
    html`<form
      novalidate
      @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        void put(dialog.querySelector("input")!.value, true);
      }}
    >
      <h2 id="together-title">Tag ${many(cards.length, "candidate")}</h2>
      <div class="labelled">
        <label for="together-tag">Tag</label>
        <input class="box" id="together-tag" list="together-tags" maxlength="40" autocomplete="off" dir="auto" />
        <datalist id="together-tags">${known.map((one) => html`<option value=${one.name}></option>`)}</datalist>
      </div>
      ${
        worn.size
          ? html`<p class="muted worn" id="together-worn">Take one off that some of them have:</p>
              <p class="row holders" role="group" aria-labelledby="together-worn">
                ${[...worn].map(
                  ([name, colour]) =>
                    html`<button
                      type="button"
                      class="tag c${colour}"
                      aria-label="Take off ${name}"
                      @click=${() => void put(name, false)}
                    >
                      <bdi>${name}</bdi>${icon("close")}
                    </button>`,
                )}
              </p>`
          : nothing
      }
      <footer>
        <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
        <button class="button primary">Add tag</button>
      </footer>
    </form>`,
    dialog,
  );
  await shown(dialog, "input");
}

// Somebody who looks after them

type Part = "owner" | "reviewer" | "";

export function assign(board: Board, anchor: HTMLElement): void {
  const cards = chosen(board);
  if (!cards.length) return;
  const count = many(cards.length, "candidate");
  const parts: readonly { part: Part; label: string; heading: string; icon: string }[] = [
    { part: "owner", label: "Owner", heading: `Owner of ${count}`, icon: "user" },
    { part: "reviewer", label: "Reviewer", heading: `Reviewer of ${count}`, icon: "eye" },
    { part: "", label: "Take somebody off", heading: `Take off ${count}`, icon: "close" },
  ];
  const people = (part: Part) => {
    const all = [...board.people()].sort((one, other) => Number(other.id === me.id) - Number(one.id === me.id));
    if (part) return all;
    return all.filter((one) => cards.some((card) => card.owner === one.id || card.reviewers.includes(one.id)));
  };
  const choose = ({ part, heading }: (typeof parts)[number]) => {
    const found = people(part);
    if (!found.length) return void toast("Nobody looks after them yet.", { name: "together" });
    void openMenu(
      anchor,
      heading,
      found.map((one) => ({
        label: one.id === me.id ? "Me" : one.name,
        run: () => void give(board, cards, one, part),
      })),
    );
  };
  void openMenu(
    anchor,
    `Assign ${count}`,
    parts.map((one) => ({ label: one.label, icon: one.icon, run: () => setTimeout(() => choose(one)) })),
  );
}

async function give(
  board: Board,
  cards: readonly Card[],
  who: { id: string; name: string },
  part: Part,
): Promise<void> {
  const words = `Who looks after ${many(cards.length, "candidate")} was not changed.`;
  try {
    const body = { cards: cards.map((card) => card.id), member: who.id, part };
    const done = await act(board, "assignments", body, words);
    if (!done) return;
    const people = many(done.cards.length, "candidate");
    const name = who.id === me.id ? "You" : `**${shortName(who.name)}**`;
    const verb = who.id === me.id ? "are" : "is";
    const now = part
      ? `${name} ${verb} ${part === "owner" ? "owner" : "a reviewer"} of ${people}`
      : `${name} ${verb} off ${people}`;
    offerBack(board, done, now);
  } catch (error) {
    const fields = error instanceof Failure ? Object.values(error.fields) : [];
    alarm(fields[0] ?? sentence(error));
  }
}
