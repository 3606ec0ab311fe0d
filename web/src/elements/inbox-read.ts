/** Whoever opens a page has read what the bell told of it; a failure leaves it unread. */
import { path } from "../lib/me.ts";
import { bell } from "./inbox-state.ts";

/** `page` as in an address within the workspace, without a query. */
export async function markRead(page: string): Promise<void> {
  await bell.read({ url: path(page) }).catch(() => undefined);
}
