/** Placeholders of messages, as the server fills them: in one pass, so that what stands in a name is never one. Pure. */

export const PLACEHOLDERS = ["first_name", "name", "job", "workspace", "sender"] as const;

const PLACE = /\{([^{}\n]{0,40})\}/g;

export function fill(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(PLACE, (whole, name: string) => (Object.hasOwn(words, name) ? words[name]! : whole));
}

/** The first name in braces that stands for nothing. */
export function unknownIn(text: string): string | null {
  const known: readonly string[] = PLACEHOLDERS;
  return [...text.matchAll(PLACE)].map((found) => found[1] ?? "").find((name) => !known.includes(name)) ?? null;
}
