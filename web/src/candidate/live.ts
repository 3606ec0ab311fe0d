/**
 * What the candidate's pages hear live: news of their own takes and place, and the conversation.
 *
 * Without a connection the recorder asks again by itself, so nothing here is needed for correctness, only for speed.
 */

import { LiveSocket } from "../live/socket.ts";
import type { AnyPayload, MessageView, TakeView, TypingPerson } from "../live/protocol.gen.ts";
import { leaveEnded } from "./ended.ts";
import type { Place } from "./place.ts";

export interface Heard {
  take?: (question: string, take: TakeView) => void;
  place?: () => void;
  message?: (message: MessageView) => void;
  /** Everybody of the team who types just now. */
  typing?: (people: TypingPerson[]) => void;
  /** The connection stands, or has been gone for longer than a moment. */
  online?: (online: boolean) => void;
  /** History is gone: the page's data was fetched again. */
  fresh?: () => void;
}

export interface Following {
  stop(): void;
  /** Tells the team that this candidate writes. */
  typing(): void;
  /** A message of this person arrived: they write no more. */
  stoppedTyping(person: string): void;
  /** They record the answer to the question of this number; null: they only have their place open. */
  recording(answer: number | null): void;
}

export function follow(place: Place, heard: Heard): Following {
  const { application, epoch, positions } = place.view;
  const page = encodeURIComponent(location.pathname);
  const socket = new LiveSocket(`${location.origin.replace(/^http/, "ws")}${place.base}/live?page=${page}`);
  socket.observe((connection) => {
    if (connection === "refused" && socket.refusal === "ended") leaveEnded();
  });
  const conversation = `conversation:${application}`;
  const onResync = async (): Promise<{ epoch: string; positions: Record<string, number> }> => {
    const view = await place.refresh();
    heard.fresh?.();
    return view;
  };
  const onEvent = (payload: AnyPayload): void => {
    if (payload.type === "take") heard.take?.(payload.question, payload.take);
    else if (payload.type === "place") heard.place?.();
    else if (payload.type === "message") heard.message?.(payload.message);
  };
  const from = (topic: string): { after?: number; epoch: string } => {
    const after = positions[topic];
    return after === undefined ? { epoch } : { after, epoch };
  };
  const own = `candidate:${application}`;
  socket.subscribe(own, { ...from(own), state: { view: "place" }, onEvent, onResync });
  if (heard.message) {
    socket.subscribe(conversation, {
      ...from(conversation),
      onEvent,
      onResync,
      onTyping: (people) => heard.typing?.(people),
    });
  }
  if (heard.online) socket.observe((connection) => heard.online?.(connection === "online"));
  return {
    stop: () => socket.stop(),
    typing: () => socket.typing(conversation),
    stoppedTyping: (person) => socket.stoppedTyping(conversation, person),
    recording: (answer) => socket.setPresence(own, answer ? { view: "recording", answer } : { view: "place" }),
  };
}
