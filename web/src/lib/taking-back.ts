/** Takes back what an event did to a job's candidates, and says what stayed because somebody changed it since. */
import type { Card, TakenBack } from "../live/protocol.gen.ts";
import { newKey, sentence } from "./api.ts";
import { api } from "./me.ts";
import { change } from "./outbox.ts";
import { many } from "./time.ts";
import { alarm, toast } from "./toast.ts";

/** `done` gets the cards as they are now, with the key of the request. */
export async function takeBack(
  job: string,
  event: string,
  done: (cards: readonly Card[], key: string) => void,
  key = newKey(),
): Promise<void> {
  try {
    const back = await change<TakenBack>({
      lane: `cards:${job}`,
      key,
      method: "POST",
      path: api(`jobs/${job}/reversals`),
      body: { event },
      words: "That was not taken back.",
    });
    if (!back) return;
    done([...back.cards, ...back.refused.map(({ card }) => card)], key);
    void import("./calling-off.ts").then(({ remind }) => remind(back.cards));
    if (back.cards.length) toast(`Taken back for ${many(back.cards.length, "candidate")}`, { name: "taken-back" });
    const [first, ...others] = back.refused;
    if (first) {
      const more = others.length ? ` ${many(others.length, "other")} changed since as well.` : "";
      toast(`${first.message}${more}`, { name: "not-taken-back", stays: 12_000 });
    } else if (!back.cards.length) {
      toast("There was nothing left to take back.", { name: "taken-back" });
    }
  } catch (error) {
    alarm(sentence(error), { name: "not-taken-back" });
  }
}
