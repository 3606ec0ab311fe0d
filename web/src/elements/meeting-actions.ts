/** What can be done with meetings, wherever they are shown. The dialog is loaded when it is first needed. */
import type { MeetingView, MemberRow } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { quoted, when } from "../lib/meetings.ts";
import { api, firstName } from "../lib/me.ts";
import { alarm, toast } from "../lib/toast.ts";
import type { About, Planned } from "./meeting-dialog.ts";

/** Plans one, or changes the one that is given; `saved` gets it as it is then. */
export async function plan(about: About, saved: (meeting: MeetingView) => void): Promise<void> {
  try {
    const people = send<{ members: MemberRow[] }>("GET", api("people"));
    const [{ MeetingDialog }, { members }] = await Promise.all([import("./meeting-dialog.ts"), people]);
    await new MeetingDialog(about, members, (planned, key) => save(about, planned, key, saved)).open();
  } catch (error) {
    alarm(sentence(error));
  }
}

async function save(about: About, planned: Planned, key: string, saved: (meeting: MeetingView) => void): Promise<void> {
  const { application, meeting } = about;
  const done = meeting
    ? await send<MeetingView>("PUT", api(`meetings/${meeting.id}`), planned)
    : await send<MeetingView>("POST", api(`applications/${application}/meetings`), planned, { key });
  saved(done);
  const words = meeting ? "The meeting is changed" : "The meeting is planned";
  toast(`${words}: **${when(done, Date.now())}**. ${firstName(about.name)} is told.`, { name: "meeting" });
}

/** Calls a meeting off, after asking. */
export async function callOff(meeting: MeetingView, saved: (meeting: MeetingView) => void): Promise<void> {
  const first = firstName(meeting.candidate.name);
  const agreed = await confirmed({
    title: `Call off ${quoted(meeting.title)}?`,
    text: `${when(meeting, Date.now())}. ${first} is told at once, in your conversation and by e-mail. It cannot be taken back.`,
    yes: "Call it off",
    no: "Keep it",
    danger: true,
  });
  if (!agreed) return;
  try {
    saved(await send<MeetingView>("DELETE", api(`meetings/${meeting.id}?version=${meeting.version}`)));
    toast(`The meeting is called off. ${first} is told.`, { name: "meeting" });
  } catch (error) {
    alarm(sentence(error), { name: "meeting" });
  }
}
