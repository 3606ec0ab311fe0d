/** What the heading's last button offers: a job's candidates as a file and, where there is little room, all the rest. */
import type { ExportFormat, JobRow } from "../live/protocol.gen.ts";
import { fetchFile, sentence } from "../lib/api.ts";
import { api, may, path } from "../lib/me.ts";
import { openMenu, type Choice } from "../lib/menu.ts";
import { alarm, toast } from "../lib/toast.ts";
import { boardActions } from "./board-actions.ts";
import { hearingMenu } from "./inbox-hearing.ts";

const FORMATS: readonly [ExportFormat, string][] = [
  ["csv", "Export as CSV"],
  ["xlsx", "Export as Excel"],
  ["json", "Export as JSON"],
];

/** Opens it; `activity`: the other buttons of the heading are not there, so that they stand in here. */
export function openTransfer(anchor: HTMLElement, job: JobRow, activity: (() => void) | null): Promise<void> {
  const files: Choice[] = FORMATS.map(([format, label], at) => ({
    label,
    icon: "download",
    apart: at === 0,
    run: () => void take(anchor, job, format),
  }));
  const list = { label: "Import from a list", icon: "user", run: () => location.assign(path(`jobs/${job.id}/import`)) };
  if (!activity) return openMenu(anchor, "Candidates as a file", [list, ...files]);
  return openMenu(anchor, "This job", [
    { label: "Activity", icon: "pulse", run: activity },
    { label: "Notifications of this job", icon: "bell", run: () => void hearingMenu(anchor, job) },
    ...boardActions(job),
    ...(may.edit ? files : []),
  ]);
}

async function take(button: HTMLElement, job: JobRow, format: ExportFormat): Promise<void> {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    const { name, blob } = await fetchFile(api(`jobs/${job.id}/exports`), { format });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name || `candidates.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    toast("The export is in your downloads");
  } catch (error) {
    alarm(sentence(error));
  } finally {
    button.ariaBusy = "false";
  }
}
