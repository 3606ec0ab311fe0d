/**
 * What the browser decides without a page, of copies on a device, the picture that goes out, words to keep and times of meetings, in a
 * long-lived Node process: each line of JSON is a question, its answer follows. `tests/web/test_copies.py` is the other end.
 */
import { createInterface } from "node:readline";
import {
  rebased,
  type Draft as Scoring,
} from "../../web/src/elements/scorecard-draft.ts";
import * as meetings from "../../web/src/lib/meetings.ts";
import { unfill, wordsFor } from "../../web/src/lib/placeholders.ts";
import { undecided } from "../../web/src/candidate/earlier.ts";
import { DoubleTap } from "../../web/src/candidate/double-tap.ts";
import { Estimate, type Sight } from "../../web/src/recording/estimate.ts";
import { Fitting } from "../../web/src/recording/fitting.ts";
import { Easing } from "../../web/src/recording/easing.ts";
import { Hearing } from "../../web/src/recording/hearing.ts";
import { Devices, type Kind } from "../../web/src/recording/devices.ts";
import {
  abandoned,
  affordable,
  begun,
  byUrgency,
  fateOf,
  read,
  write,
} from "../../web/src/recording/manifest.ts";
import type { Manifest, Situation } from "../../web/src/recording/manifest.ts";
import type { OwnAnswer } from "../../web/src/live/protocol.gen.ts";

type Question =
  | { ask: "fate"; manifest: Manifest; situation: Situation; now: number }
  | { ask: "abandoned"; manifest: Manifest; now: number }
  | { ask: "undecided"; answer: OwnAnswer }
  | { ask: "opened"; kinds: Kind[] }
  | { ask: "begun"; now: number }
  | { ask: "round"; manifest: Manifest }
  | { ask: "read"; text: string }
  | { ask: "unfill"; text: string; words: [string, string, string, string] }
  | { ask: "rebased"; written: Scoring; base: Scoring; latest: Scoring; sent?: Scoring }
  | { ask: "proposed"; now: string }
  | { ask: "soon"; meeting: meetings.Timed; now: string }
  | { ask: "withWhom"; members: { id: string; name: string }[] }
  | { ask: "zoneWords"; zone: string; at: string }
  | { ask: "order"; manifests: Manifest[] }
  | { ask: "room"; free: number; seconds: number }
  | { ask: "ease"; looks: [number, number, boolean][] }
  | { ask: "fit"; uplink: number; looks: (number | "again")[] }
  | { ask: "estimate"; sights: Sight[] }
  | {
      ask: "taps";
      taps: (Partial<MouseEvent> &
        Partial<KeyboardEvent> & { button?: boolean })[];
    }
  | {
      ask: "hearing";
      told: (
        RTCPeerConnectionState | "flows" | "offline" | [number, number, boolean]
      )[];
    };

/** Asked for one after the other, before the person has allowed any of them: what is on in the end, and what was. */
async function opened(kinds: Kind[]): Promise<unknown> {
  const streams: { on: boolean; kind: Kind }[] = [];
  let allow = (): void => undefined;
  const allowed = new Promise<void>((resolve) => (allow = resolve));
  const getUserMedia = async ({ video }: MediaStreamConstraints): Promise<unknown> => {
    await allowed;
    const stream = { on: true, kind: video ? "video" : "audio" } as (typeof streams)[number];
    streams.push(stream);
    const stop = (): void => void (stream.on = false);
    return { ...stream, getTracks: () => [{ stop, addEventListener: () => undefined }] };
  };
  Object.defineProperty(globalThis, "window", { value: { isSecureContext: true }, configurable: true });
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: { getUserMedia } }, configurable: true });
  const devices = new Devices(
    () => undefined,
    () => undefined,
  );
  const asked = kinds.map((kind) => devices.open(kind));
  allow();
  await Promise.all(asked);
  const used = devices.stream as unknown as { kind: Kind } | null;
  return [used?.kind, devices.opening, streams.map(({ kind, on }) => [kind, on])];
}

async function answer(question: Question): Promise<unknown> {
  switch (question.ask) {
    case "fate":
      return fateOf(question.manifest, question.situation, question.now);
    case "rebased":
      return rebased(question.written, question.base, question.latest, question.sent);
    case "abandoned":
      return abandoned(question.manifest, question.now);
    case "undecided":
      return undecided(question.answer)?.id ?? null;
    case "opened":
      return opened(question.kinds);
    case "begun": {
      const about = {
        application: "a",
        question: "q",
        take: "t",
        kind: "video",
        over: "",
      } as const;
      return begun("c", about, "video/webm", question.now);
    }
    case "round": {
      const bytes = write(question.manifest);
      return {
        size: bytes.length,
        found: read(new TextDecoder().decode(bytes)),
      };
    }
    case "read":
      return read(question.text);
    case "unfill":
      return unfill(question.text, wordsFor(...question.words));
    case "proposed":
      return meetings.proposed(Date.parse(question.now));
    case "soon": {
      const now = Date.parse(question.now);
      const { soon, joinable, dayName, over } = meetings;
      const { meeting } = question;
      return [
        dayName(meeting.starts_at, now),
        soon(meeting, now),
        joinable(meeting, now),
        over(meeting, now),
      ];
    }
    case "withWhom":
      return meetings.withWhom(question.members, "me");
    case "zoneWords":
      return meetings.zoneWords(question.zone, question.at);
    case "order":
      return question.manifests.sort(byUrgency).map((manifest) => manifest.id);
    case "room":
      return affordable(question.free, question.seconds);
    case "ease": {
      const easing = new Easing();
      return question.looks.map((look) => easing.look(...look));
    }
    case "fit": {
      const fitting = new Fitting(question.uplink);
      return question.looks.map((look) => {
        if (look === "again") fitting.again();
        else fitting.look(look);
        return [fitting.fit, fitting.offered];
      });
    }
    case "taps": {
      const doubles = new DoubleTap();
      return question.taps.map(({ button = true, ...told }) => {
        let counts = true;
        const stop = (): void => void (counts = false);
        const target = { closest: () => (button ? {} : null) };
        doubles.handleEvent({
          ...told,
          target,
          preventDefault: stop,
          stopPropagation: stop,
        } as unknown as MouseEvent);
        return counts;
      });
    }
    case "hearing": {
      const hearing = new Hearing(0);
      return question.told.map((word) => {
        if (word === "flows") hearing.flows(0);
        else if (word === "offline") hearing.offline();
        else if (typeof word === "string") hearing.state(word);
        else hearing.look(...word);
        return hearing.lost;
      });
    }
    case "estimate": {
      const estimate = new Estimate();
      const fitting = new Fitting(0);
      return question.sights.map((sight) => {
        const bits = estimate.look(sight);
        return [Math.round(bits), fitting.look(bits)];
      });
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(
    JSON.stringify(await answer(JSON.parse(line) as Question)) + "\n",
  );
}
