/**
 * The candidate's place as their pages hold it: the first data in the page, and the requests that change it.
 *
 * Every request goes to the candidate's own prefix, whose cookie no other page sees.
 */

import { pageData } from "../lib/data.ts";
import { Failure, newKey, send } from "../lib/api.ts";
import type { CandidateView, MessageView, OwnAnswer, RecordingTicket, TakeView } from "../live/protocol.gen.ts";
import { applyToCandidate } from "../live/store.ts";
import { chooseCopy, noteCopy } from "../recording/copy.ts";
import type { Attempt, Copied, Desk } from "../recording/desk.ts";
import { post, type Parcel } from "../recording/posting.ts";
import type { ServerTake } from "../recording/takes.ts";
import type { Kind } from "../recording/devices.ts";
import { device } from "./remembered.ts";

/** How a question is answered. "file" is a recording made elsewhere. */
export type Way = "video" | "audio" | "text" | "file";

/** A copy, and which answer it is. */
export interface Mailed extends Omit<Parcel, "endpoint" | "metadata"> {
  question: string;
  take: string;
  kind: Kind;
  /** It was chosen as the answer; else the person watches it first. */
  kept: boolean;
  /** `given_at` of the answer that it is to replace then; empty for none. */
  over: string;
  /** Takes of this question that there were before the first try. */
  before: ReadonlySet<string>;
}

export class Place {
  view: CandidateView;
  readonly base: string;
  readonly api: string;

  constructor(view: CandidateView = pageData<CandidateView>()) {
    this.view = view;
    this.base = `/c/a/${view.application}`;
    this.api = `${this.base}/api`;
  }

  async refresh(): Promise<CandidateView> {
    this.view = await send<CandidateView>("GET", `${this.api}/place`);
    return this.view;
  }

  /** News of one of their takes; what else follows from it is told as "place". */
  told(question: string, take: TakeView): void {
    this.view = applyToCandidate(this.view, { type: "take", question, take });
  }

  get submitted(): boolean {
    return this.view.progress === "submitted";
  }

  answer(question: string): OwnAnswer | undefined {
    return this.view.answers.find((answer) => answer.question.id === question);
  }

  /** When its answer was given, as the server says it; empty without one. */
  given(question: string): string {
    return this.answer(question)?.given_at ?? "";
  }

  takesOf(question: string): Set<string> {
    return new Set(this.answer(question)?.takes.map((own) => own.id));
  }

  /** 0-based place of a question, -1 when there is none. */
  index(question: string | null): number {
    return this.view.answers.findIndex((answer) => answer.question.id === question);
  }

  /** The first question without an answer, wrapping around from `after`; null when all are answered. */
  open(after = -1): OwnAnswer | null {
    const { answers } = this.view;
    const order = [...answers.slice(after + 1), ...answers.slice(0, after + 1)];
    return order.find((answer) => answer.kind === null) ?? null;
  }

  #replace(answer: OwnAnswer): OwnAnswer {
    const answers = this.view.answers.map((own) => (own.question.id === answer.question.id ? answer : own));
    this.view = { ...this.view, answers };
    return answer;
  }

  async write(question: string, text: string): Promise<OwnAnswer> {
    return this.#replace(await send<OwnAnswer>("PUT", `${this.api}/questions/${question}/text`, { text }));
  }

  async upload(question: string, file: Blob, onProgress: (part: number) => void): Promise<OwnAnswer> {
    return this.#replace(await uploadFile(`${this.api}/questions/${question}/file`, file, onProgress));
  }

  /**
   * Sends the browser's own copy of a take, when the recorder does not have it whole; `take` is empty when the server
   * never heard of one. Resolves, once every byte is there, with the take that it is now.
   */
  async sendCopy(copy: Mailed): Promise<TakeView | null> {
    const { question, take, kind, kept, over, before, ...parcel } = copy;
    await post({
      ...parcel,
      endpoint: `${this.base}/uploads`,
      metadata: {
        question,
        kind,
        filetype: parcel.blob.type,
        ...(take ? { take } : {}),
        ...(kept ? { kept: "true" } : {}),
        ...(kept && over ? { over } : {}),
      },
    });
    await this.refresh();
    const takes = this.answer(question)?.takes ?? [];
    const fresh = takes.filter((own) => own.id === take || (!take && !before.has(own.id)));
    return fresh.sort((a, b) => b.number - a.number)[0] ?? null;
  }

  /** `over`, of what was chosen a while ago: the `given` of the answer that it is to replace; a later one stays. */
  async accept(take: string, over?: string): Promise<OwnAnswer> {
    const body = over === undefined ? {} : { over: over || null };
    return this.#replace(await send<OwnAnswer>("POST", `${this.api}/takes/${take}/acceptance`, body));
  }

  /** What it replaces, and what was there before, is as it was when they chose, however often it is tried. */
  #rescue(question: string, { ticket, copy, kind }: Copied): Attempt {
    const { application } = this.view;
    const over = this.given(question);
    const before = this.takesOf(question);
    const noted = chooseCopy(copy, { application, question, over });
    return async (progress) => {
      await noted;
      if (!copy.became) {
        const take = await this.sendCopy({
          question,
          take: ticket?.take ?? "",
          kind,
          kept: true,
          over,
          before,
          blob: copy.blob,
          upload: copy.upload,
          addressed: (upload) => {
            copy.upload = upload;
            void noteCopy(copy, { upload });
          },
          progress,
        });
        copy.became = take?.id ?? "";
        await noteCopy(copy, { sent: true, take: copy.became });
      }
      if (copy.became) await this.accept(copy.became, over);
    };
  }

  async submit(): Promise<CandidateView> {
    this.view = await send<CandidateView>("POST", `${this.api}/submission`, {});
    for (const { question } of this.view.answers) this.keepDraft(question.id, "");
    return this.view;
  }

  /** What was typed and not saved yet; on this device, for tabs are closed. */
  draft(question: string): string {
    return device.get(`draft.${this.view.application}.${question}`);
  }

  keepDraft(question: string, text: string): void {
    device.set(`draft.${this.view.application}.${question}`, text);
  }

  say(body: string, key: string): Promise<MessageView> {
    return send<MessageView>("POST", `${this.api}/messages`, { body }, { key });
  }

  /** A link that opens this place on one other device, once and within minutes. */
  handover(): Promise<{ url: string; seconds: number }> {
    return send<{ url: string; seconds: number }>("POST", `${this.api}/handovers`, {});
  }

  async link(): Promise<string> {
    return (await send<{ url: string }>("POST", `${this.api}/links`, {})).url;
  }

  /** What the recorder needs to record an answer to `question`. */
  desk(question: string): Desk {
    return {
      ticket: (kind: Kind) => send<RecordingTicket>("POST", `${this.api}/questions/${question}/takes`, { kind }),
      look: async (ticket): Promise<ServerTake> => send<TakeView>("GET", `${this.api}/takes/${ticket.take}`),
      accept: async (ticket) => {
        await this.accept(ticket.take ?? "");
      },
      upload: (take) => this.#rescue(question, take),
      about: () => ({ application: this.view.application, question, over: this.given(question) }),
    };
  }
}

/** One request with the file as its body; XMLHttpRequest because fetch cannot tell how much has been sent. */
function uploadFile(url: string, file: Blob, onProgress: (part: number) => void): Promise<OwnAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", newKey());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const told = parse(request.responseText);
      if (request.status >= 200 && request.status < 300 && told) resolve(told as unknown as OwnAnswer);
      else
        reject(new Failure(String(told?.["code"] ?? "unavailable"), String(told?.["message"] ?? ""), request.status));
    });
    const lost = (): void => reject(new Failure("unreachable", "", 0));
    request.addEventListener("error", lost);
    request.addEventListener("timeout", lost);
    request.addEventListener("abort", lost);
    request.send(file);
  });
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
