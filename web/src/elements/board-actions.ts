/** What the palette offers on the board and the list of a job. */
import type { JobRow, JobView } from "../live/protocol.gen.ts";
import type { Action } from "../lib/actions.ts";
import { send, sentence } from "../lib/api.ts";
import { copyText } from "../lib/copy.ts";
import { api, may, path } from "../lib/me.ts";
import { alarm } from "../lib/toast.ts";

export function boardActions(job: Pick<JobRow, "id" | "state">): readonly Action[] {
  const go = (rest: string) => () => location.assign(path(rest));
  if (!may.edit) return [];
  return [
    { label: "Add candidates from a file", icon: "people", words: "import csv list", run: go(`jobs/${job.id}/import`) },
    ...(job.state === "open"
      ? [{ label: "Copy candidate link", icon: "link", words: "add invite share", run: () => void copyLink(job.id) }]
      : []),
    { label: "Edit this job", icon: "write", words: "flow questions stages", run: go(`jobs/${job.id}/edit`) },
  ];
}

async function copyLink(job: string): Promise<void> {
  try {
    const { public_url } = await send<JobView>("GET", api(`jobs/${job}`));
    await copyText(public_url, "Link copied. Candidates need no account.");
  } catch (error) {
    alarm(sentence(error));
  }
}
