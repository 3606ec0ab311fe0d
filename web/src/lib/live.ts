/** The member pages' one live socket, and what all of them ask of it. */
import { LiveSocket, type Connection, type Follower } from "../live/socket.ts";
import { path } from "./me.ts";

const address = new URL(path("live"), location.href);
address.protocol = address.protocol.replace("http", "ws");

const socket = new LiveSocket(address.href);

export interface Interest extends Follower {
  /** What I am doing there, for those who see the topic's presence. */
  state?: unknown;
}

/** Follows a topic; call the result to stop. */
export function follow(topic: string, interest: Interest): () => void {
  const following = socket.subscribe(topic, interest);
  if (interest.state !== undefined) socket.setPresence(topic, interest.state);
  return () => following.stop();
}

/** I type in this topic. */
export function tellTyping(topic: string): void {
  socket.typing(topic);
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
export function since(topic: string, data: { epoch: string; positions: Record<string, number> }): Interest {
  const after = data.positions[topic];
  return after === undefined ? {} : { after, epoch: data.epoch };
}
