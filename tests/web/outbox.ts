/**
 * The browser's outbox in a long-lived Node process, under a clock that only moves when told. Each line of JSON is one
 * story; its answer is what was seen after every step. `tests/web/test_outbox.py` is the other end.
 */
import { createInterface } from "node:readline";
import { mock } from "node:test";
import { Outbox, type Kept, type Parcel } from "../../web/src/live/outbox.ts";

interface Step {
  do:
    | "send"
    | "reply"
    | "refuse"
    | "lose"
    | "busy"
    | "tick"
    | "nudge"
    | "withdraw";
  key: string;
  lane: string;
  body: unknown;
  /** Its body is only asked for when its turn comes: the number of changes that were answered by then; null: none. */
  late: "answered" | "unwanted" | null;
  ms: number;
}

interface Flight {
  resolve(reply: unknown): void;
  reject(trouble: unknown): void;
}

mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

async function live(steps: Step[]): Promise<unknown[]> {
  const flights = new Map<string, Flight>();
  const sent: Parcel[] = [];
  const outcomes: Record<string, unknown> = {};
  let kept: Kept[] = [];
  const carry = (parcel: Parcel, signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (flights.has(parcel.key))
        throw new Error(`${parcel.key} is on its way twice`);
      sent.push(structuredClone(parcel));
      const land = () => flights.delete(parcel.key);
      flights.set(parcel.key, {
        resolve: (reply) => (land(), resolve(reply)),
        reject: (trouble) => (land(), reject(trouble)),
      });
      signal.addEventListener(
        "abort",
        () => (land(), reject(new DOMException("gone", "AbortError"))),
      );
    });
  const outbox = new Outbox(carry, (now) => (kept = structuredClone(now)));
  let told = 0;
  outbox.observe(() => told++);
  const answered = () => Object.keys(outcomes).length;
  const bodyOf = ({ late, body }: Step) =>
    late === "answered"
      ? () => answered()
      : late === "unwanted"
        ? () => undefined
        : body;
  const acts: Record<Step["do"], (step: Step) => void> = {
    send: (step) => {
      const { key, lane } = step;
      outbox
        .send({
          key,
          lane,
          method: "POST",
          path: `/${lane}`,
          body: bodyOf(step),
        })
        .then(
          (reply) => (outcomes[key] = reply === undefined ? "nothing" : reply),
          (trouble: { code: string }) =>
            (outcomes[key] = { refused: trouble.code }),
        );
    },
    reply: ({ key }) => flights.get(key)?.resolve({ done: key }),
    refuse: ({ key }) =>
      flights
        .get(key)
        ?.reject({ code: `no ${key}`, status: 409, passing: false }),
    lose: ({ key }) =>
      flights
        .get(key)
        ?.reject({ code: "unreachable", status: 0, passing: true }),
    busy: ({ key }) =>
      flights
        .get(key)
        ?.reject({
          code: "throttled",
          status: 429,
          passing: false,
          retryAfter: 7,
        }),
    tick: ({ ms }) => mock.timers.tick(ms),
    nudge: () => outbox.nudge(),
    withdraw: ({ key }) => outbox.withdraw(key),
  };
  const seen: unknown[] = [];
  for (const step of steps) {
    acts[step.do](step);
    await settled();
    const { waiting, failing, unsafe } = outbox;
    seen.push({
      sent: sent.length,
      flying: [...flights.keys()],
      waiting,
      failing,
      unsafe,
      told,
      kept,
      ...{ outcomes: { ...outcomes } },
    });
  }
  for (const flight of [...flights.values()]) flight.resolve({});
  return [seen, sent];
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(
    JSON.stringify(await live(JSON.parse(line) as Step[])) + "\n",
  );
}
