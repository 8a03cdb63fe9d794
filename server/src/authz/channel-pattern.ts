/**
 * Whether a channel's whole name matches a pattern, in which `*` stands for any number of characters. Takes
 * the first match of each part between stars, from left to right. A later match is never better, so there is
 * no backtracking.
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
