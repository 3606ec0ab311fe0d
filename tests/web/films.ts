/**
 * What a page decides about films, in a long-lived Node process: each line of JSON is a question, its answer follows.
 * `tests/web/test_films.py` is the other end.
 */
import { createInterface } from "node:readline";
import {
  cueAt,
  newCue,
  ordered,
  readTime,
  written,
} from "../../web/src/lib/cues.ts";
import {
  Choice,
  sources,
  unplayable,
  type Film,
  type MovieState,
} from "../../web/src/lib/sources.ts";
import type { CueView } from "../../web/src/live/protocol.gen.ts";
import { Impression, isBlack } from "../../web/src/recording/impression.ts";

type Question =
  | { ask: "sources"; film: Film; plays: string[] }
  | { ask: "choice"; films: (Film | "fails")[]; plays: string[] }
  | { ask: "words"; movie: MovieState; percent: number }
  | { ask: "written"; ms: number }
  | { ask: "time"; text: string }
  | { ask: "cues"; cues: CueView[]; ms: number; length: number }
  | { ask: "impression"; levels: number[]; looks: number[] };

const able = (plays: string[]) => (type: string) =>
  plays.some((one) => type.startsWith(one));

function choices(films: (Film | "fails")[], plays: string[]): string[] {
  const choice = new Choice(able(plays));
  let film: Film = { src: "", mime: "", mp4: "" };
  return films.map((next) => {
    if (next === "fails") choice.fails(film);
    else film = next;
    return choice.of(film);
  });
}

function answer(question: Question): unknown {
  switch (question.ask) {
    case "sources":
      return sources(question.film, able(question.plays));
    case "choice":
      return choices(question.films, question.plays);
    case "words":
      return unplayable(question.movie, question.percent);
    case "written":
      return written(question.ms);
    case "time":
      return readTime(question.text);
    case "cues": {
      const { cues, ms, length } = question;
      return {
        at: cueAt(cues, ms),
        next: newCue(cues, ms, length),
        ordered: ordered(cues),
      };
    }
    case "impression": {
      const impression = new Impression();
      for (const db of question.levels) impression.hear(db);
      for (const brightness of question.looks) {
        impression.see(isBlack(new Uint8ClampedArray(400).fill(brightness)));
      }
      return impression.warnings;
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(
    `${JSON.stringify(answer(JSON.parse(line) as Question))}\n`,
  );
}
