/** Notes and messages as lines of a thread. Pure. */
import type { Card, MessageView, NoteView } from "../live/protocol.gen.ts";
import type { Line } from "./thread.ts";

export function noteLine({ id, key, author, body, mentions, created_at }: NoteView): Line {
  const { id: by, name, colour } = author;
  return { id, key: key ?? null, author: by, name, colour, body, mentions, at: created_at };
}

export function messageLine(message: MessageView, card: Card): Line {
  return {
    id: message.id,
    key: message.key ?? null,
    author: message.about ? "" : (message.author?.id ?? card.candidate),
    picture: message.author ? null : card.poster,
    name: message.author?.name ?? message.author_name,
    colour: message.author?.colour ?? 0,
    body: message.body,
    at: message.created_at,
    update: Boolean(message.about),
  };
}
