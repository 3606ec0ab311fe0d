/** Bringing a file that is no answer, a CV above all: what may be sent, and the sending. */

import { sendFile } from "../lib/api.ts";
import type { OwnFiles } from "../live/protocol.gen.ts";

const LARGEST = 15 << 20;
export const TAKEN = ".pdf,.docx,.png,.jpg,.jpeg,.webp,.gif,.txt,.md";

/** Why a file is not even sent; empty: it may be. What it is the server decides, by its bytes. */
export function unfit(file: File | undefined): string {
  if (!file) return "";
  if (file.size > LARGEST) return "This file is larger than 15 MB. A CV is usually far smaller: export it anew.";
  if (file.size === 0) return "This file is empty.";
  const name = file.name.toLowerCase();
  return TAKEN.split(",").some((ending) => name.endsWith(ending))
    ? ""
    : "Send a PDF, a Word file (.docx), a picture or plain text.";
}

/** Sends a file to a candidate's place. Throws `Failure`. */
export function sendOwnFile(base: string, file: File): Promise<OwnFiles> {
  return sendFile<OwnFiles>(`${base}/api/files?name=${encodeURIComponent(file.name.slice(0, 300))}`, file);
}
