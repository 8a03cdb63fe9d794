/** A time in ms since 1970, as Redis tells it, in the form in which callers are told: ISO 8601 in UTC. */
export function toIsoTime(ms: string | number | undefined): string {
  return new Date(Number(ms)).toISOString();
}
