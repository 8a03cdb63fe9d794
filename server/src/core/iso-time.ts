/** Formats a time of Redis, in ms since 1970, as ISO 8601 in UTC. */
export function toIsoTime(ms: string | number | undefined): string {
  return new Date(Number(ms)).toISOString();
}
