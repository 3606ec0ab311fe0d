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

/**
 * Follows a topic; call the result to stop. A state is set with the first word about who is there: before that, the
 * subscription does not stand yet and the server would refuse it. After a cut the socket repeats it by itself.
 */
export function follow(topic: string, { state, ...follower }: Interest): () => void {
  if (state === undefined) {
    const following = socket.subscribe(topic, follower);
    return () => following.stop();
  }
  let told = false;
  const following = socket.subscribe(topic, {
    ...follower,
    onPresence: (people) => {
      if (!told) socket.setPresence(topic, state);
      told = true;
      follower.onPresence?.(people);
    },
  });
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
