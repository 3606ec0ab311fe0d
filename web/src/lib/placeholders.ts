/** Placeholders of messages, as the server fills them: in one pass, so that what stands in a name is never one. Pure. */

export const PLACEHOLDERS = ["first_name", "name", "job", "workspace", "sender"] as const;

/** Characters of a message. */
export const LONGEST = 10_000;

const PLACE = /\{([^{}\n]{0,40})\}/g;

export function fill(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(PLACE, (whole, name: string) => (Object.hasOwn(words, name) ? words[name]! : whole));
}

/** The other way round: whatever one stands for, as a word of its own, becomes the placeholder; the longest first. */
export function unfill(text: string, words: Readonly<Record<string, string>>): string {
  const named = new Map(Object.entries(words).map(([name, value]) => [value, name] as const));
  const values = [...named.keys()].filter((value) => value.trim()).sort((one, other) => other.length - one.length);
  if (!values.length) return text;
  const any = values.map((value) => value.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, "gu");
  return text.replace(whole, (value) => `{${named.get(value)!}}`);
}

/** How somebody is addressed: whole, however long, for it is they who read it. */
export function addressed(name: string): string {
  return name.trim().split(/\s+/u)[0] ?? name;
}

/** What the placeholders stand for in a message to a candidate of this name. */
export function wordsFor(name: string, job: string, workspace: string, sender: string): Record<string, string> {
  return { name, first_name: addressed(name), job, workspace, sender };
}

/** The first name in braces that stands for nothing. */
export function unknownIn(text: string): string | null {
  const known: readonly string[] = PLACEHOLDERS;
  return [...text.matchAll(PLACE)].map((found) => found[1] ?? "").find((name) => !known.includes(name)) ?? null;
}

/** Why a text cannot be sent or kept; nothing when it can. */
export function faultIn(text: string): string {
  const unknown = unknownIn(text);
  if (!text.trim()) return "Write something first.";
  if (text.trim().length > LONGEST) {
    const over = text.trim().length - LONGEST;
    return `At most ${LONGEST.toLocaleString("en-GB")} characters, please: ${over.toLocaleString("en-GB")} fewer.`;
  }
  return unknown === null ? "" : noSuch(unknown);
}

/** What to say of a placeholder that does not exist. */
export function noSuch(name: string): string {
  return `There is no {${name}}. Choose among ${PLACEHOLDERS.map((one) => `{${one}}`).join(", ")}.`;
}
