/** How large a file is, for people: "12 kB", "1.4 MB". */
export function bytes(count: number): string {
  return count < 1 << 20 ? `${Math.max(1, Math.round(count / 1024))} kB` : `${(count / (1 << 20)).toFixed(1)} MB`;
}
