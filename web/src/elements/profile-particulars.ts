/** What somebody changed in the form of a profile's particulars, beside what others changed while it was open. */
import type { ProfileView } from "../live/protocol.gen.ts";
import { Failure } from "../lib/api.ts";

const NAMES = ["name", "headline", "phone", "location", "links"] as const;
type Name = (typeof NAMES)[number];

const said = (view: ProfileView, name: Name): string => (name === "links" ? view.links.join("\n") : view[name]);

const lines = (text: string): string[] => text.split("\n").filter((line) => line.trim());

export class Changes {
  private readonly told = new Map<Name, string>(); // what somebody was told that others wrote

  constructor(private readonly opened: ProfileView) {}

  /**
   * What is to be sent, of the profile as it is `now`: nothing that was left as it was. Throws, once, when others wrote
   * something else in the same place: whoever saves again has seen it.
   */
  of(form: FormData, now: ProfileView): Record<string, unknown> {
    const written = new Map(NAMES.map((name) => [name, String(form.get(name) ?? "")]));
    const typed = (name: Name) => (name === "links" ? lines(written.get(name)!).join("\n") : written.get(name)!);
    const changed = NAMES.filter((name) => typed(name) !== said(this.opened, name));
    const theirs = changed.filter((name) => said(now, name) !== (this.told.get(name) ?? said(this.opened, name)));
    for (const name of theirs) this.told.set(name, said(now, name));
    if (theirs.length)
      throw new Failure("changed_meanwhile", "Somebody else changed this.", 409, this.words(theirs, now));
    const body = changed.map((name) => [name, name === "links" ? lines(typed(name)) : typed(name)]);
    return { version: now.version, ...Object.fromEntries(body) };
  }

  private words(names: readonly Name[], now: ProfileView): Record<string, string> {
    const one = (name: Name) => said(now, name).replaceAll("\n", ", ");
    return Object.fromEntries(
      names.map((name) => [
        name,
        `Somebody ${one(name) ? `wrote “${one(name)}”` : "emptied this"} meanwhile. Save again to replace it.`,
      ]),
    );
  }
}
