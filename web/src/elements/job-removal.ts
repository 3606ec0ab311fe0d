/** Deletes a draft that nobody applied to, after asking. */
import type { JobView } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { api, path } from "../lib/me.ts";
import { change } from "../lib/outbox.ts";
import { alarm } from "../lib/toast.ts";

/** Leads to the list of jobs when it is done. */
export async function removeDraft(job: JobView): Promise<void> {
  const agreed = await confirmed({
    title: "Delete this draft?",
    text: `“${job.title}” goes with its questions and its video. Nobody has seen it, and nobody can bring it back.`,
    yes: "Delete draft",
    danger: true,
  });
  if (!agreed) return;
  try {
    const words = `**${job.title}** was not deleted.`;
    await change({ lane: `job:${job.id}`, method: "DELETE", path: api(`jobs/${job.id}`), words });
    location.assign(path("jobs"));
  } catch (error) {
    alarm(sentence(error));
  }
}
