/**
 * `<gr-profile>`: a person across all jobs. Contact, applications, tags and fields on the left, everything that happened
 * in the middle, files on the right. It says nothing by itself that the server has not confirmed: whatever happens, to
 * the profile or in one of the applications, it is fetched again.
 */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type {
  AlikeView,
  AnyPayload,
  FieldView,
  FileView,
  JobRow,
  Present,
  ProfileView,
  Timeline,
} from "../live/protocol.gen.ts";
import { Failure, send, sendFile, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { follow, since } from "../lib/live.ts";
import { api, firstName, may, me, path, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { candidateFace } from "../lib/picture.ts";
import { presenceStack } from "../lib/presence-stack.ts";
import { alarm, toast } from "../lib/toast.ts";
import { wayAt } from "../lib/walk.ts";
import { markRead } from "./inbox-read.ts";
import { askField, askJob, askParticulars, askSource } from "./profile-dialogs.ts";
import { alikeBanner, compare, partsCard } from "./profile-merge.ts";
import { Changes } from "./profile-particulars.ts";
import { chooseOther } from "./profile-others.ts";
import { applications, consent, contact, fieldCard, fileCard, tagCard, type Deeds } from "./profile-parts.ts";
import { openTags, type TagDialog } from "./profile-tags.ts";
import { PersonsScores } from "./profile-scores.ts";
import { walk } from "./profile-walk.ts";
import { SHOWN, timeline, type Shown } from "./profile-timeline.ts";

const SETTLE = 250; // milliseconds: several events of one deed cost one request
const TELLS: ReadonlySet<AnyPayload["type"]> = new Set(["profile", "application", "note", "message", "answer", "job"]);

@customElement("gr-profile")
export class Profile extends RestingElement {
  @state() private view = pageData<ProfileView>();
  @state() private older: Timeline["entries"] = [];
  @state() private more = this.view.timeline.more;
  @state() private shown: Shown = "all";
  @state() private file = this.view.files[0]?.id ?? "";
  @state() private faults = new Map<string, string>();
  @state() private busy = false;
  @state() private here: readonly Present[] = [];
  private tags: TagDialog | null = null;
  private way = this.view.around && wayAt(this.view.around.application);
  private tagging = Promise.resolve(); // one after the other: each says all tags that they shall have
  private following = new Map<string, () => void>();
  private settling = 0;
  private scores = new PersonsScores(() => this.requestUpdate());
  private asked = 0; // how often the whole profile was read
  private held = 0; // which of these times is shown

  private deeds: Deeds = {
    edit: () => this.edit(),
    tag: (change) => (this.tagging = this.tagging.then(() => this.tag(change))),
    fill: (field, value) => void this.fill(field, value),
    addField: () =>
      askField(async (form) => {
        const choices = String(form.get("choices") ?? "")
          .split("\n")
          .filter((line) => line.trim());
        await send("POST", api("fields"), { name: form.get("name"), kind: form.get("kind"), choices });
        await this.reload();
      }),
    dropField: (field) => void this.dropField(field),
    addFile: (file) => void this.addFile(file),
    removeFile: (file) => void this.removeFile(file),
    show: (file) => (this.file = file.id),
    setSource: (application) =>
      askSource(application.title, application.source, async (form) => {
        await send("PUT", api(`applications/${application.id}/source`), { source: form.get("source") });
        await this.reload();
      }),
    manageTags: () => {
      this.tags = openTags();
      void this.tags.closed.then(() => (this.tags = null));
    },
  };

  override connectedCallback(): void {
    super.connectedCallback();
    const address = path(`candidates/${this.view.id}`);
    if (location.pathname !== address) history.replaceState(null, "", address + location.search); // it is a part of this one
    this.listen();
    void markRead(`candidates/${this.view.id}`);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.settling);
    for (const leave of this.following.values()) leave();
    this.following.clear();
  }

  /** Follows the profile and every application of this person, also those that come later, and reads their scores. */
  private listen(): void {
    const { view } = this;
    void this.scores.read(view.id);
    const topics = [
      `profile:${view.id}`,
      `workspace:${me.workspace}`,
      ...view.applications.flatMap((one) => [`application:${one.id}`, `conversation:${one.id}`]),
    ];
    for (const topic of topics) {
      if (this.following.has(topic)) continue;
      this.following.set(
        topic,
        follow(topic, {
          ...since(topic, view),
          onEvent: (payload) => this.heard(topic, payload),
          onResync: () => this.reload(),
          ...(topic.startsWith("profile:")
            ? { state: { view: "profile" } as const, onPresence: (people: readonly Present[]) => (this.here = people) }
            : {}),
        }),
      );
    }
  }

  private heard(topic: string, payload: AnyPayload): void {
    if (topic.startsWith("workspace:") && payload.type === "job") {
      if (!this.view.applications.some((one) => one.job === payload.job)) return;
    } else if (!TELLS.has(payload.type)) return;
    if (payload.type === "profile") void this.tags?.reload();
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => void this.reload(), SETTLE);
  }

  /** The application that led here, as every request for the whole profile names it. */
  private get by(): string {
    return this.view.around ? `?application=${this.view.around.application}` : "";
  }

  private async reload(): Promise<ProfileView | null> {
    const asked = ++this.asked;
    try {
      const view = await send<ProfileView>("GET", api(`candidates/${this.view.id}${this.by}`));
      if (asked < this.held) return this.view;
      this.held = asked;
      this.put(view);
      return this.view;
    } catch {
      return null; // the next event fetches again
    }
  }

  private put(view: ProfileView): void {
    if (this.older.length === 0) this.more = view.timeline.more;
    else this.keepJoined(view);
    if (view.id !== this.view.id) return location.replace(path(`candidates/${view.id}`));
    if (!view.files.some((file) => file.id === this.file)) this.file = view.files[0]?.id ?? "";
    // What changes the profile replies without its neighbours.
    this.view = view.around ? view : { ...view, around: this.view.around };
    this.listen();
  }

  /** Older pages stay joined to the newest one when that has moved on. */
  private keepJoined(view: ProfileView): void {
    const fresh = new Set(view.timeline.entries.map((entry) => entry.id));
    const known = [...this.view.timeline.entries, ...this.older];
    this.older = known.filter((entry) => !fresh.has(entry.id));
  }

  private async loadOlder(): Promise<void> {
    const last = this.older.at(-1) ?? this.view.timeline.entries.at(-1);
    if (!last || this.busy) return;
    this.busy = true;
    try {
      const page = await send<Timeline>("GET", api(`candidates/${this.view.id}/timeline?before=${last.id}`));
      this.older = [...this.older, ...page.entries];
      this.more = page.more;
    } catch (error) {
      alarm(sentence(error));
    }
    this.busy = false;
  }

  // Deeds

  private async change(method: "PUT" | "PATCH" | "DELETE", rest: string, body?: unknown): Promise<void> {
    try {
      this.put(await send<ProfileView>(method, api(`candidates/${this.view.id}/${rest}`), body));
    } catch (error) {
      alarm((error instanceof Failure && Object.values(error.fields)[0]) || sentence(error), { name: "profile" });
      await this.reload();
    }
    this.requestUpdate();
  }

  private tag(change: (names: string[]) => string[]): Promise<void> {
    return this.change("PUT", "tags", { tags: change(this.view.tags.map((tag) => tag.name)) });
  }

  private edit(): void {
    const changes = new Changes(this.view);
    askParticulars(this.view, async (form) => {
      try {
        this.put(await send<ProfileView>("PATCH", api(`candidates/${this.view.id}`), changes.of(form, this.view)));
      } catch (error) {
        await this.reload(); // whoever saves again does so on what is there then
        throw error;
      }
    });
  }

  private async fill(field: FieldView, value: string): Promise<void> {
    const faults = new Map(this.faults);
    faults.delete(field.id);
    try {
      this.put(await send<ProfileView>("PUT", api(`candidates/${this.view.id}/fields/${field.id}`), { value }));
    } catch (error) {
      faults.set(field.id, (error instanceof Failure && error.fields["value"]) || sentence(error));
    }
    this.faults = faults;
  }

  private async dropField(field: FieldView): Promise<void> {
    const agreed = await confirmed({
      title: `Delete the field ${field.name}?`,
      text: "It goes from the profile of everybody in this workspace, with all that was filled in.",
      yes: "Delete",
      danger: true,
    });
    if (!agreed) return;
    try {
      await send("DELETE", api(`fields/${field.id}`));
    } catch (error) {
      alarm(sentence(error));
    }
    await this.reload();
  }

  private async addFile(file: File): Promise<void> {
    this.busy = true;
    try {
      const name = encodeURIComponent(file.name.slice(0, 300));
      const view = await sendFile<ProfileView>(api(`candidates/${this.view.id}/files?name=${name}`), file);
      this.put(view);
      this.file = view.files[0]?.id ?? "";
    } catch (error) {
      alarm(sentence(error));
    }
    this.busy = false;
  }

  private async removeFile(file: FileView): Promise<void> {
    const agreed = await confirmed({
      title: `Delete ${shortName(file.name)}?`,
      text: "The file and its text are gone for good.",
      yes: "Delete",
      danger: true,
    });
    if (agreed) await this.change("DELETE", `files/${file.id}`);
  }

  private merge(other: AlikeView): void {
    const { id, version } = this.view;
    void compare(this.view, other, async (choice) => {
      const body = { other: other.id, version, other_version: other.version, ...choice };
      this.put(await send<ProfileView>("POST", api(`candidates/${id}/merges`), body));
      toast(`**${shortName(other.name)}** is part of this profile now`);
    });
  }

  private async apart(other: AlikeView): Promise<void> {
    try {
      this.put(await send<ProfileView>("POST", api(`candidates/${this.view.id}/distinctions`), { other: other.id }));
    } catch (error) {
      alarm(sentence(error), { name: "profile" });
    }
  }

  private async addToJob(): Promise<void> {
    const { id, name, applications } = this.view;
    const taken = new Set(applications.map((one) => one.job));
    try {
      const jobs = await send<JobRow[]>("GET", api("jobs"));
      const free = jobs.filter((job) => job.state !== "closed" && !taken.has(job.id));
      if (!free.length) return void alarm(`${shortName(name)} is in every job that is open.`, { name: "profile" });
      askJob(firstName(name), free, async (form) => {
        const body = { job: form.get("job"), source: form.get("source"), mail: form.get("mail") !== null };
        this.put(await send<ProfileView>("POST", api(`candidates/${id}/applications`), body));
        toast(`**${shortName(name)}** is in ${free.find((job) => job.id === body.job)?.title ?? "the job"} now`);
      });
    } catch (error) {
      alarm(sentence(error), { name: "profile" });
    }
  }

  private async mergeWithAnother(): Promise<void> {
    const other = await chooseOther(this.view);
    if (other) this.merge(other);
  }

  private openMore(anchor: HTMLElement): void {
    void openMenu(anchor, "This profile", [
      { label: "Add to a job", icon: "plus", run: () => void this.addToJob() },
      { label: "Merge with another profile", icon: "people", run: () => void this.mergeWithAnother() },
      { label: "Tags of the workspace", icon: "flag", run: () => this.deeds.manageTags() },
    ]);
  }

  private async undoMerge(merge: string, name: string): Promise<void> {
    const agreed = await confirmed({
      title: `Take ${shortName(name)} out again?`,
      text: "They are two profiles again, each with what it had. What was written down since stays here.",
      yes: "Undo the merge",
    });
    if (agreed) await this.change("DELETE", `merges/${merge}`);
  }

  // Drawing

  protected override render() {
    const { view } = this;
    const led = view.applications.find((one) => one.id === view.around?.application);
    const newest = led ?? view.applications[0];
    const line = [view.headline, view.location].filter(Boolean).join(" · ");
    return html`<header class="head">
        <div class="row profilehead">
          <a
            class="button quiet icon"
            href=${path(newest ? `jobs/${newest.job}` : "jobs")}
            aria-label=${newest ? "Back to the board" : "Jobs"}
            >${icon("left")}</a
          >
          ${candidateFace(view.id, view.name, view.poster, "large")}
          <div class="whois">
            <h1 class="cut" dir="auto" title=${view.name}>${view.name}</h1>
            ${line ? html`<p class="muted cut"><bdi>${line}</bdi></p>` : nothing}
          </div>
          ${presenceStack(this.here, "Looking at this profile now")} ${walk(view.around, this.way)}
          ${
            may.edit
              ? html`<button type="button" class="button addtojob" @click=${this.addToJob}>
                    ${icon("plus")}Add to job
                  </button>
                  <button
                    type="button"
                    class="button quiet icon"
                    aria-haspopup="menu"
                    aria-expanded="false"
                    aria-label="More for this profile"
                    @click=${(event: Event) => this.openMore(event.currentTarget as HTMLElement)}
                  >
                    ${icon("more")}
                  </button>`
              : nothing
          }
          ${newest ? html`<a class="button primary" href=${path(`applications/${newest.id}`)}>${icon("chat")}Open</a>` : nothing}
        </div>
        ${alikeBanner(view, may.edit, {
          compare: (other) => this.merge(other),
          apart: (other) => void this.apart(other),
        })}
      </header>
      <div class="body profile">
        <div class="about">
          ${contact(view, this.deeds)} ${applications(view, this.scores.known, this.deeds)} ${tagCard(view, this.deeds)}
          ${fieldCard(view, this.faults, this.deeds)} ${consent(view)}
          ${partsCard(view, may.edit, (merge, name) => void this.undoMerge(merge, name))}
        </div>
        <section class="sofar" aria-labelledby="sofar">
          <header class="row">
            <h2 id="sofar" class="grow">Everything so far</h2>
            <div class="tabs segment" role="group" aria-label="What is shown">
              ${SHOWN.map(
                ({ key, name }) =>
                  html`<button type="button" aria-pressed=${this.shown === key} @click=${() => (this.shown = key)}>
                    ${name}
                  </button>`,
              )}
            </div>
          </header>
          ${timeline(view, [...view.timeline.entries, ...this.older], this.shown)}
          ${
            this.more
              ? html`<button type="button" class="button" aria-busy=${this.busy} @click=${this.loadOlder}>
                  Show older
                </button>`
              : nothing
          }
        </section>
        ${fileCard(
          view,
          view.files.find((file) => file.id === this.file),
          this.busy,
          this.deeds,
        )}
      </div>`;
  }
}
