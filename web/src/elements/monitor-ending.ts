/** Ending somebody's session: asked first, with what it means for them. */
import { send, sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { api, shortName } from "../lib/me.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";
import type { SessionRow } from "../live/protocol.gen.ts";

const KEPT = {
  own: "This is the session you are using just now. To end it, sign out in the account menu.",
  owner: "Only an owner can end an owner's session.",
};

export async function endSession(row: SessionRow, ended: () => void): Promise<void> {
  if (row.keeping) {
    toast(KEPT[row.keeping]);
    return;
  }
  const agreed = await confirmed({
    title: `End ${shortName(row.name)}'s session?`,
    text: consequences(row),
    yes: "End session",
    danger: true,
  });
  if (!agreed) return;
  try {
    await send("POST", api(`sessions/${row.session}/ending`), {});
    toast(`**${shortName(row.name)}**'s session is ended`);
  } catch (error) {
    alarm(sentence(error));
  }
  ended();
}

function consequences(row: SessionRow): string {
  const tabs = `${many(row.tabs, "tab")} (${row.device})`;
  if (row.role !== null) {
    return `They are signed out of this browser at once, with ${tabs} and every workspace they use there. They are told that an owner or admin ended the session, and can sign in again.`;
  }
  const now = row.recording
    ? `${row.doing} just now. That recording stops; what was recorded up to then stays safe, and they can keep it or record anew.`
    : "Nothing is recording there now.";
  return `${now} Their ${tabs} closes, says that the team ended the session, and they can come back with their link.`;
}
