/**
 * Pictures that may come a moment later: a recording's poster is made after the recording, so that a 404 now is a
 * picture in a few seconds. Nothing broken is shown meanwhile.
 */
import { html, type TemplateResult } from "lit";
import { initialsAvatar, type Size } from "./faces.ts";

const WAITS = [1500, 3000, 6000, 12_000, 30_000] as const; // milliseconds

/** A picture without words of its own; hidden until it is there. */
export function latePicture(address: string): TemplateResult {
  return html`<img
    .src=${address}
    alt=""
    loading="lazy"
    decoding="async"
    draggable="false"
    @error=${later}
    @load=${(event: Event) => ((event.target as HTMLElement).hidden = false)}
  />`;
}

/** A candidate, round: a still of their answers where there is one, else their initials. */
export function candidateFace(id: string, name: string, poster: string | null, size: Size = ""): TemplateResult {
  return poster ? initialsAvatar(id, name, size, latePicture(poster)) : initialsAvatar(id, name, size);
}

function later(event: Event): void {
  const picture = event.target as HTMLImageElement;
  const tries = Number(picture.dataset["tries"] ?? 0);
  picture.hidden = true;
  picture.dataset["tries"] = String(tries + 1);
  if (tries >= WAITS.length || !picture.src) return;
  const wanted = picture.src;
  setTimeout(() => {
    // A hidden picture is never near the window, so a lazy one would wait for ever.
    if (picture.isConnected && picture.src === wanted) {
      picture.loading = "eager";
      picture.src = wanted;
    }
  }, WAITS[tries]);
}

/** Calls `ready` once the picture is there; call the result to give up. */
export function whenPicture(address: string, ready: () => void): () => void {
  const picture = new Image();
  let timer = 0;
  let tries = 0;
  picture.onload = ready;
  picture.onerror = () => {
    if (tries < WAITS.length) timer = window.setTimeout(() => (picture.src = address), WAITS[tries++]);
  };
  picture.src = address;
  return () => {
    clearTimeout(timer);
    picture.onload = picture.onerror = null;
  };
}
