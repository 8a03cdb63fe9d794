/** Converts ms since 1970 to ISO 8601 in UTC. */
export function toIsoTime(ms: string | number | undefined): string {
  return new Date(Number(ms)).toISOString();
}
