/** `<gr-people>`: who is in the workspace, with which role, and who is invited. */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { InvitationRow, MemberRow, Role } from "../live/protocol.gen.ts";
import { offerActions } from "../lib/actions.ts";
import { Failure, send, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { copyText } from "../lib/copy.ts";
import { pageData } from "../lib/data.ts";
import { RestingElement } from "../lib/element.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { api, may, me, shortName } from "../lib/me.ts";
import { change } from "../lib/outbox.ts";
import type { Method } from "../live/outbox.ts";
import { ago, date, many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";

interface People {
  members: MemberRow[];
  invitations: InvitationRow[];
}

const ROLES: readonly { role: Role; name: string; words: string }[] = [
  { role: "owner", name: "Owner", words: "Everything, including people and roles." },
  { role: "admin", name: "Admin", words: "Jobs, candidates and people." },
  { role: "recruiter", name: "Recruiter", words: "Jobs and candidates." },
  { role: "reviewer", name: "Reviewer", words: "Watches answers, writes notes." },
];

@customElement("gr-people")
export class PeoplePage extends RestingElement {
  @state() private people: People = pageData<People>();
  @state() private link = "";
  @state() private fault = "";
  @state() private busy = false;
  @state() private offered: Role = "reviewer";
  private unoffer: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("gr-people", this.refresh);
    if (!may.manage) return;
    this.unoffer = offerActions(() => [
      { label: "Invite a colleague", icon: "mail", words: "add member", run: () => this.ask() },
    ]);
    if (location.hash === "#invite") void this.updateComplete.then(() => this.ask());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("gr-people", this.refresh);
    this.unoffer?.();
  }

  private refresh = async (): Promise<void> => {
    try {
      this.people = await send<People>("GET", api("people"));
    } catch {
      // The next change fetches again.
    }
  };

  private get dialog(): HTMLDialogElement {
    return this.find<HTMLDialogElement>("dialog")!;
  }

  private ask(): void {
    this.link = this.fault = "";
    this.offered = "reviewer"; // as the form says after its reset
    this.find<HTMLFormElement>("dialog form")?.reset();
    this.dialog.showModal();
  }

  private async invite(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    const form = new FormData(event.target as HTMLFormElement);
    const typed = this.find<HTMLInputElement>("#invite-email")!;
    if (!typed.value.trim() || !typed.checkValidity()) {
      this.fault = typed.value.trim() ? "That does not look like an e-mail address." : "Please fill this in.";
      typed.focus();
      return;
    }
    this.busy = true;
    this.fault = "";
    try {
      const body = { email: String(form.get("email") ?? "").trim(), role: form.get("role") };
      this.link = (await send<{ link: string }>("POST", api("invitations"), body)).link;
      await this.refresh();
    } catch (error) {
      this.fault = (error instanceof Failure && error.fields["email"]) || sentence(error);
    } finally {
      this.busy = false;
    }
  }

  /** Changes something about a person and fetches the list again, whatever came of it. */
  private async change(done: string, method: Method, rest: string, body?: unknown): Promise<void> {
    try {
      await change({ lane: "people", method, path: api(rest), body, words: "A change of people was not made." });
      toast(done);
    } catch (error) {
      alarm(sentence(error));
    }
    await this.refresh();
    this.requestUpdate();
  }

  private setRole(member: MemberRow, event: Event): void {
    const select = event.target as HTMLSelectElement;
    const role = select.value as Role;
    const name = ROLES.find((one) => one.role === role)!.name.toLowerCase();
    const done = `**${shortName(member.name)}** is ${name} now`;
    void this.change(done, "PATCH", `members/${member.id}`, { role }).then(() => {
      select.value = this.people.members.find((one) => one.id === member.id)?.role ?? member.role;
    });
  }

  private async dismiss(member: MemberRow): Promise<void> {
    const self = member.id === me.id;
    const agreed = await confirmed({
      title: self ? "Leave this workspace?" : `Remove ${shortName(member.name)}?`,
      text: self
        ? "You are signed out of it at once. What you wrote stays."
        : "They are signed out at once and see nothing of this workspace any more. What they wrote stays.",
      yes: self ? "Leave" : "Remove",
      danger: true,
    });
    if (agreed) await this.change(`**${shortName(member.name)}** is removed`, "DELETE", `members/${member.id}`);
  }

  private async withdraw(invitation: InvitationRow): Promise<void> {
    const agreed = await confirmed({
      title: "Withdraw this invitation?",
      text: `The link sent to ${invitation.email} stops working.`,
      yes: "Withdraw",
      danger: true,
    });
    if (agreed) await this.change("Invitation withdrawn", "DELETE", `invitations/${invitation.id}`);
  }

  protected override render() {
    const { members, invitations } = this.people;
    return html`<header class="head">
        <div class="row">
          <h1>People</h1>
          <span class="muted cut">${many(members.length, "member")}</span>
          <span class="grow"></span>
          ${
            may.manage
              ? html`<button type="button" class="button primary" @click=${this.ask}>
                  ${icon("plus")}Invite a colleague
                </button>`
              : nothing
          }
        </div>
      </header>
      <div class="body">
        <div class="peoplelists">
          <section aria-labelledby="members">
            <header class="sec">
              <h2 id="members">Members</h2>
              <span class="muted num">${members.length}</span>
            </header>
            <ul class="card peoplelist">
              ${repeat(
                members,
                (member) => member.id,
                (member) => this.member(member),
              )}
            </ul>
          </section>
          ${
            invitations.length
              ? html`<section aria-labelledby="invited">
                  <header class="sec">
                    <h2 id="invited">Invited</h2>
                    <span class="muted num">${invitations.length}</span>
                  </header>
                  <ul class="card peoplelist">
                    ${repeat(
                      invitations,
                      (invitation) => invitation.id,
                      (invitation) => this.invitation(invitation),
                    )}
                  </ul>
                </section>`
              : nothing
          }
          <section aria-labelledby="roles">
            <header class="sec"><h2 id="roles">What roles may do</h2></header>
            <dl class="roles">
              ${ROLES.map(
                ({ name, words }) =>
                  html`<div>
                    <dt>${name}</dt>
                    <dd class="muted">${words}</dd>
                  </div>`,
              )}
            </dl>
          </section>
          <gr-watched></gr-watched>
        </div>
      </div>
      ${may.manage ? this.inviteDialog() : nothing}`;
  }

  private member(member: MemberRow) {
    const mayChange = may.manage && (me.role === "owner" || member.role !== "owner");
    const choices = ROLES.filter(({ role }) => me.role === "owner" || role !== "owner");
    return html`<li>
      ${avatar(member.id, member.colour)}
      <div class="grow">
        <b class="cut"
          ><bdi>${member.name}</bdi>${member.id === me.id ? html` <span class="muted">(you)</span>` : nothing}</b
        >
        <span class="muted cut">${member.email}</span>
      </div>
      <span class="muted since">Joined ${date(member.joined_at)}</span>
      ${
        mayChange
          ? html`<select
              class="box"
              aria-label="Role of ${member.name}"
              @change=${(event: Event) => this.setRole(member, event)}
            >
              ${choices.map(({ role, name }) => html`<option value=${role} ?selected=${role === member.role}>${name}</option>`)}
            </select>`
          : html`<span class="badge">${ROLES.find(({ role }) => role === member.role)?.name}</span>`
      }
      ${
        mayChange || member.id === me.id
          ? html`<button
              type="button"
              class="button quiet icon"
              title="Remove"
              aria-label="Remove ${member.name}"
              @click=${() => this.dismiss(member)}
            >
              ${icon("bin")}
            </button>`
          : html`<span class="gapbox"></span>`
      }
    </li>`;
  }

  private invitation(invitation: InvitationRow) {
    return html`<li>
      <span class="avatar envelope">${icon("mail")}</span>
      <div class="grow">
        <b class="cut"><bdi>${invitation.email}</bdi></b>
        <span class="muted cut"
          >Invited ${ago(invitation.created_at)}, link works until ${date(invitation.expires_at)}</span
        >
      </div>
      <span class="badge">${ROLES.find(({ role }) => role === invitation.role)?.name}</span>
      ${
        may.manage
          ? html`<button
              type="button"
              class="button quiet icon"
              title="Withdraw"
              aria-label="Withdraw the invitation of ${invitation.email}"
              @click=${() => this.withdraw(invitation)}
            >
              ${icon("close")}
            </button>`
          : html`<span class="gapbox"></span>`
      }
    </li>`;
  }

  private inviteDialog() {
    return html`<dialog aria-labelledby="invite-title">
      <form novalidate @submit=${this.invite} ?hidden=${Boolean(this.link)}>
        <h2 id="invite-title">Invite a colleague</h2>
        <p>You get a link to pass on, by whatever way you like.</p>
        <div class="labelled">
          <label for="invite-email">E-mail</label>
          <span class="field"
            >${icon("mail")}<input
              id="invite-email"
              name="email"
              type="email"
              required
              maxlength="254"
              autocomplete="off"
              aria-invalid=${this.fault ? "true" : "false"}
              aria-describedby="invite-fault"
          /></span>
          <p class="fault" id="invite-fault" role="alert" ?hidden=${!this.fault}>${icon("alert")}${this.fault}</p>
        </div>
        <div class="labelled">
          <label for="invite-role">Role</label>
          <select
            class="box"
            id="invite-role"
            name="role"
            aria-describedby="invite-role-help"
            @change=${(event: Event) => (this.offered = (event.target as HTMLSelectElement).value as Role)}
          >
            ${ROLES.filter(({ role }) => role !== "owner").map(
              ({ role, name }) => html`<option value=${role} ?selected=${role === "reviewer"}>${name}</option>`,
            )}
          </select>
          <p class="help" id="invite-role-help">${ROLES.find(({ role }) => role === this.offered)?.words}</p>
        </div>
        <footer>
          <button type="button" class="button" @click=${() => this.dialog.close()}>Cancel</button>
          <button class="button primary" aria-busy=${this.busy}>Invite</button>
        </footer>
      </form>
      ${
        this.link
          ? html`<h2>Pass this link on</h2>
              <p>Whoever opens this link once can join. It works for 14 days.</p>
              <div class="labelled">
                <span class="field"><input readonly aria-label="Invitation link" .value=${this.link} /></span>
              </div>
              <footer>
                <button type="button" class="button" @click=${() => copyText(this.link, "Link copied")}>
                  ${icon("copy")}Copy link
                </button>
                <button type="button" class="button primary" @click=${() => this.dialog.close()}>Done</button>
              </footer>`
          : nothing
      }
    </dialog>`;
  }
}
