/** The words of a typing indicator. */

/** "Ben is typing", "Ben and Ada are typing", "Ben, Ada and 2 more are typing". */
export function typingWords(names: readonly string[]): string {
  const [one, two, ...more] = names;
  if (!one) return "";
  if (!two) return `${one} is typing`;
  return more.length ? `${one}, ${two} and ${more.length} more are typing` : `${one} and ${two} are typing`;
}
