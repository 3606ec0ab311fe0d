/** The unread count where a tab is seen without being looked at: in its title and on its icon. */

const MARK = '<rect width="24" height="24" rx="8" fill="#3b4cca"/>';
const PLAY = '<path d="M9 6.3v11.4L18.2 12z" fill="none" stroke="#fff" stroke-width="1.9" stroke-linejoin="round"/>';
const DOT = '<circle cx="18" cy="6" r="6" fill="#fff"/><circle cx="18" cy="6" r="4.600" fill="#d92d20"/>';
const COUNTED = /^\(\d+\+?\) /;

/** Shows `unread` in the title, and a dot on the icon. */
export function badge(unread: number): void {
  const title = document.title.replace(COUNTED, "");
  const wanted = unread ? `(${unread > 99 ? "99+" : unread}) ${title}` : title;
  if (document.title !== wanted) document.title = wanted;
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (!link) return;
  link.dataset["plain"] ??= link.href;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${MARK}${PLAY}${DOT}</svg>`;
  const address = unread ? `data:image/svg+xml,${encodeURIComponent(svg)}` : link.dataset["plain"];
  if (link.href !== address) link.href = address;
}
