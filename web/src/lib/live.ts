/** The member pages' one live socket, and what all of them ask of it. */
import { Idleness } from "../live/idle.ts";
import type { Doing, Dragging } from "../live/protocol.gen.ts";
import { LiveSocket, type Connection, type Follower } from "../live/socket.ts";
import { path } from "./me.ts";

const address = new URL(path("live"), location.href);
address.protocol = address.protocol.replace("http", "ws");
address.searchParams.set("page", location.pathname);

const socket = new LiveSocket(address.href);
new Idleness(document, (idle) => socket.setIdle(idle));

/** Follows a topic; call the result to stop. */
export function follow(topic: string, follower: Follower): () => void {
  const following = socket.subscribe(topic, follower);
  return () => following.stop();
}

/** I do something else now in a topic that I follow. */
export function tellDoing(topic: string, doing: Doing): void {
  socket.setPresence(topic, doing);
}

/** Ask a command about a topic that I follow; rejects when it cannot be answered now. */
export function ask(command: string, topic: string): Promise<unknown> {
  return socket.command(command, null, topic);
}

/** I type in this topic. */
export function tellTyping(topic: string): void {
  socket.typing(topic);
}

/** What my hand does in this topic; null: nothing any more. */
export function tellHand(topic: string, gesture: Dragging | null): void {
  socket.gesture(topic, gesture);
}

/** They sent what they typed. */
export function stoppedTyping(topic: string, person: string): void {
  socket.stoppedTyping(topic, person);
}

/** Calls now and at every change; `refused` does not come back by itself. */
export function onConnection(listener: (connection: Connection, refusal: string) => void): () => void {
  return socket.observe((connection) => listener(connection, socket.refusal));
}

/** Where a topic stood when the page's data was read. */
export function since(topic: string, data: { epoch: string; positions: Record<string, number> }): Follower {
  const after = data.positions[topic];
  return after === undefined ? {} : { after, epoch: data.epoch };
}
