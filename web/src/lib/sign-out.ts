/** Ends this browser's sign-in and leaves the page. */
import { send, sentence } from "./api.ts";
import { forgetRecent } from "./recent.ts";
import { alarm } from "./toast.ts";

export async function signOut(): Promise<void> {
  try {
    const { next } = await send<{ next: string }>("POST", "/api/sign-out", {});
    forgetRecent();
    location.assign(next);
  } catch (error) {
    alarm(sentence(error));
  }
}
