/** Tags by what people call them: a name that a merged tag once had means the one it became part of. Pure. */
import { plainName } from "./moves.ts";

export function tagCalled<T extends { name: string; once: readonly string[] }>(
  tags: readonly T[],
  words: string,
): T | undefined {
  const name = plainName(words.trim());
  return tags.find((tag) => plainName(tag.name) === name) ?? tags.find((tag) => tag.once.includes(name));
}
