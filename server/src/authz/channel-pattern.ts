/**
 * Whether a channel's whole name fits a pattern, in which `*` stands for any characters, or none. Each part between
 * two of them is looked for once, from left to right: the first place is as good as any later one, so no pattern makes
 * it go back.
 */
export function fitsPattern(pattern: string, channel: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === channel;
  const end = pattern.slice(pattern.lastIndexOf("*") + 1);
  const endsAt = channel.length - end.length;
  if (!channel.startsWith(pattern.slice(0, star)) || !channel.endsWith(end)) return false;
  let at = star;
  for (const part of pattern.slice(star, pattern.length - end.length).split("*")) {
    const found = channel.indexOf(part, at);
    if (found < 0 || found + part.length > endsAt) return false;
    at = found + part.length;
  }
  return true;
}
