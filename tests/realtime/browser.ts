/**
 * The browser's own code in a long-lived Node process, driven by lines of JSON: the reducers of `store.ts`, and a real
 * `LiveSocket` that reports what it sees. `tests/realtime/browser.py` is the other end.
 */
import { createInterface } from "node:readline";
import { mock } from "node:test";
import { counts, inOrder, type Target } from "../../web/src/lib/moves.ts";
import { near, type Look } from "../../web/src/lib/rows.ts";
import { Idleness } from "../../web/src/live/idle.ts";
import { LiveSocket } from "../../web/src/live/socket.ts";
import type { Following, Snapshot } from "../../web/src/live/socket.ts";
import * as store from "../../web/src/live/store.ts";
import { pause, Wire } from "../../web/src/live/wire.ts";
import type { AnyPayload, Board, CardPage, Doing, Dragging } from "../../web/src/live/protocol.gen.ts";

type Reducer = (state: unknown, payload: AnyPayload) => unknown;
const reducers: Record<string, Reducer> = {
  board: store.applyToBoard as Reducer,
  application: store.applyToApplication as Reducer,
  candidate: store.applyToCandidate as Reducer,
  inbox: store.applyToInbox as Reducer,
};

interface Order {
  do: string;
  [field: string]: unknown;
}

let socket: LiveSocket | null = null;
const followings = new Map<string, Following>();
let snapshot: Snapshot | null = null;

function say(line: Record<string, unknown>): void {
  process.stdout.write(JSON.stringify(line) + "\n");
}

function optimistic(order: Order): unknown {
  const state = new store.Optimistic(order.state, reducers[order.reducer as string]!);
  const seen: unknown[] = [];
  for (const step of order.steps as Order[]) {
    const change = (base: unknown): unknown => ({ ...(base as object), ...(step.change as object) });
    if (step.do === "add") state.add(step.key as string, change);
    if (step.do === "apply") state.apply(step.payload as AnyPayload);
    if (step.do === "confirm") state.confirm(step.key as string);
    if (step.do === "reject") state.reject(step.key as string);
    seen.push({ state: state.state, waiting: state.waiting });
  }
  return seen;
}

/** Steps of time (milliseconds) and of input (the event's name), and what was told after each. */
function idleness(steps: (number | string)[]): unknown {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const target = new EventTarget();
  const told: boolean[] = [];
  const idleness = new Idleness(target, (idle) => told.push(idle));
  const seen = steps.map((step) => {
    if (typeof step === "number") mock.timers.tick(step);
    else target.dispatchEvent(new Event(step));
    return told.splice(0);
  });
  idleness.stop();
  mock.timers.reset();
  return seen;
}

/** A socket that nobody is at the other end of. */
class FakeSocket {
  sent: string[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  send(text: string): void {
    this.sent.push((JSON.parse(text) as { type: string }).type);
  }
  close(): void {}
  say(frame: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

/**
 * A wire, and a machine that sleeps. Steps: `run` for so long (timers fire), `sleep` for so long (the clock goes on,
 * timers do not), `say` a frame. After each: how many sockets were made, what the newest has sent, what is shown.
 */
function lid(steps: { run?: number; sleep?: number; say?: Record<string, unknown> }[]): unknown {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.now() });
  const made: FakeSocket[] = [];
  const nobody = { opened: () => {}, frame: () => {}, lost: () => {} };
  const wire = new Wire("ws://nowhere", () => made[made.push(new FakeSocket()) - 1] as unknown as WebSocket, nobody);
  wire.connect();
  const seen = steps.map((step) => {
    if (step.run) mock.timers.tick(step.run);
    if (step.sleep) mock.timers.setTime(Date.now() + step.sleep);
    if (step.say) made.at(-1)!.say(step.say);
    return { sockets: made.length, sent: made.at(-1)!.sent, shown: wire.connection };
  });
  wire.stop();
  mock.timers.reset();
  return structuredClone(seen);
}

function obey(order: Order): void {
  switch (order.do) {
    case "reduce": {
      const payloads = order.payloads as AnyPayload[];
      return say({ reply: payloads.reduce(reducers[order.reducer as string]!, order.state) });
    }
    case "add_page":
      return say({ reply: store.addPage(order.board as Board, order.page as CardPage) });
    case "near":
      return say({ reply: near({ ...(order.look as Look), height: (at) => (order.heights as number[])[at]! }) });
    case "in_order": {
      const { columns, cards } = order.board as Board;
      const moves = new Map(order.moves as [string, Target][]);
      const lists = [...inOrder(columns, cards, moves)].map(([stage, list]) => [stage, list.map((card) => card.id)]);
      return say({ reply: [Object.fromEntries(lists), Object.fromEntries(counts(columns, cards, moves))] });
    }
    case "optimistic":
      return say({ reply: optimistic(order) });
    case "idleness":
      return say({ reply: idleness(order.steps as (number | string)[]) });
    case "lid":
      return say({ reply: lid(order.steps as Parameters<typeof lid>[0]) });
    case "pauses":
      return say({ reply: (order.attempts as number[]).map(pause) });
    case "idle":
      return socket!.setIdle(order.idle as boolean);
    case "connect":
      socket = new LiveSocket(order.url as string);
      socket.observe((connection) => say({ saw: "connection", connection, refusal: socket?.refusal ?? "" }));
      return;
    case "snapshot":
      snapshot = order.snapshot as Snapshot;
      return;
    case "subscribe": {
      const topic = order.topic as string;
      const following = socket!.subscribe(topic, {
        ...(order.state === undefined ? {} : { state: order.state as Doing }),
        ...(order.after === undefined ? {} : { after: order.after as number, epoch: order.epoch as string }),
        onEvent: (payload, seq) => say({ saw: "event", topic, seq, payload, name: order.name }),
        onResync: async () => {
          say({ saw: "resync", topic });
          if (!snapshot) throw new Error("the page's data cannot be fetched yet"); // it is tried again
          return snapshot;
        },
        onPresence: (people) =>
          say({
            saw: "presence",
            topic,
            people: people.map((person) => person.id),
            doing: people.map((person) => person.state),
            idle: people.map((person) => person.idle !== null),
          }),
        onTyping: (people) => say({ saw: "typing", topic, people: people.map((person) => person.id) }),
        onHands: (hands) => say({ saw: "hands", topic, hands: hands.map((hand) => [hand.person.id, hand.gesture]) }),
        onRefused: (code) => say({ saw: "refused", topic, code }),
      });
      followings.set((order.name as string | undefined) ?? topic, following);
      return;
    }
    case "unsubscribe":
      return followings.get(order.name as string)?.stop();
    case "state":
      return socket!.setPresence(order.topic as string, order.state as Doing | null);
    case "typing":
      return socket!.typing(order.topic as string);
    case "gesture":
      return socket!.gesture(order.topic as string, order.gesture as Dragging | null);
    case "command":
      socket!.command(order.name as string, order.body).then(
        (body) => say({ saw: "reply", body }),
        (error: { code: string }) => say({ saw: "reply", code: error.code }),
      );
      return;
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => obey(JSON.parse(line) as Order))
  .on("close", () => process.exit(0));
