/**
 * The recorder's state machine in a long-lived Node process: each line of JSON is a walk, each answer what was seen on it.
 * `tests/web/test_machine.py` is the other end.
 */
import { createInterface } from "node:readline";
import { begin, isAmber, isLive, remainingMs, review, step } from "../../web/src/recording/machine.ts";
import type { Event, Limits, State } from "../../web/src/recording/machine.ts";

interface Walk {
  limits: Limits;
  /** Length of a take from an earlier visit, which is watched first; null: a fresh question. */
  resumed: number | null;
  at: number;
  /** Milliseconds to wait before the event, and the event. */
  steps: [number, Event][];
}

function seen(state: State, effects: unknown[], now: number): unknown {
  return { state, effects, now, left: remainingMs(state, now), amber: isAmber(state, now), live: isLive(state) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const walk = JSON.parse(line) as Walk;
  let now = walk.at;
  let state = walk.resumed === null ? begin(walk.limits, now) : review(walk.limits, walk.resumed, now);
  const all = [seen(state, [], now)];
  for (const [wait, event] of walk.steps) {
    now += wait;
    const before = JSON.stringify(state);
    const next = step(state, event, now);
    if (JSON.stringify(state) !== before) throw new Error(`${event.type} changed the state it was given`);
    state = next.state;
    all.push(seen(state, next.effects, now));
  }
  process.stdout.write(JSON.stringify(all) + "\n");
}
