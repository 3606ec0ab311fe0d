/** `<gr-transfer>`: a job's candidates in and out as a file, behind one button of its board. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { ExportFormat, JobRow } from "../live/protocol.gen.ts";
import { fetchFile, sentence } from "../lib/api.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { api, may, path } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { alarm, toast } from "../lib/toast.ts";

const FORMATS: readonly [ExportFormat, string][] = [
  ["csv", "Export as CSV"],
  ["xlsx", "Export as Excel"],
  ["json", "Export as JSON"],
];

@customElement("gr-transfer")
export class Transfer extends LightElement {
  @property({ attribute: false }) job: JobRow | null = null;
  @state() private busy = false;

  private open(event: Event): void {
    const { job } = this;
    if (!job) return;
    void openMenu(event.currentTarget as HTMLElement, "Candidates as a file", [
      { label: "Import from a list", icon: "user", run: () => location.assign(path(`jobs/${job.id}/import`)) },
      ...FORMATS.map(([format, label], at) => ({
        label,
        icon: "download",
        apart: at === 0,
        run: () => void this.take(job, format),
      })),
    ]);
  }

  private async take(job: JobRow, format: ExportFormat): Promise<void> {
    if (this.busy) return;
    this.busy = true;
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
      this.busy = false;
    }
  }

  protected override render() {
    if (!may.edit) return nothing;
    return html`<button
      type="button"
      class="button icon"
      title="Import or export candidates"
      aria-label="Import or export candidates"
      aria-haspopup="menu"
      aria-expanded="false"
      aria-busy=${this.busy}
      @click=${this.open}
    >
      ${icon("more")}
    </button>`;
  }
}
