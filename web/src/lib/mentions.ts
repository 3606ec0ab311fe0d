/**
 * Members named in a note. It is kept as `<@id>`, so that it stays with the member whatever they are called later, and
 * is written and read as `@Name`. Pure.
 */

export interface Named {
  id: string;
  name: string;
}

const MARK = /<@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>/g;

/** A text in parts: words as they are, and members by name. Whoever is not known stays as it was written. */
export function partsOf(body: string, people: readonly Named[]): { text: string; who: string | null }[] {
  const parts: { text: string; who: string | null }[] = [];
  let end = 0;
  for (const match of body.matchAll(MARK)) {
    const person = people.find((one) => one.id === match[1]);
    if (!person) continue;
    if (match.index > end) parts.push({ text: body.slice(end, match.index), who: null });
    parts.push({ text: `@${person.name}`, who: person.id });
    end = match.index + match[0].length;
  }
  if (end < body.length) parts.push({ text: body.slice(end), who: null });
  return parts;
}

/** What somebody typed, with marks for the names in it. Longer names win: "@Ben Ali" is not Ben. */
export function marked(text: string, people: readonly Named[]): string {
  const longest = [...people].sort((one, other) => other.name.length - one.name.length);
  let result = "";
  for (let at = 0; at < text.length;) {
    const before = at === 0 ? "" : text[at - 1]!;
    const found =
      text[at] === "@" && !/[\p{L}\p{N}]/u.test(before)
        ? longest.find(({ name }) => {
            const after = text.slice(at + 1 + name.length, at + 2 + name.length);
            return text.startsWith(name, at + 1) && !/[\p{L}\p{N}]/u.test(after);
          })
        : undefined;
    result += found ? `<@${found.id}>` : text[at]!;
    at += found ? found.name.length + 1 : 1;
  }
  return result;
}

/** The name that is being typed right before the caret, and where it began; null when none is. */
export function beingTyped(text: string, caret: number): { at: number; words: string } | null {
  const match = /(?:^|[^\p{L}\p{N}])@([^@\n]{0,40})$/u.exec(text.slice(0, caret));
  return match ? { at: caret - match[1]!.length - 1, words: match[1]! } : null;
}

/** Whom the words may mean: any word of a name begins with them, accents aside. At most six. */
export function meant(words: string, people: readonly Named[]): Named[] {
  const wanted = plain(words);
  return people.filter(({ name }) => plain(name).startsWith(wanted) || plain(name).includes(` ${wanted}`)).slice(0, 6);
}

function plain(name: string): string {
  return name.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
