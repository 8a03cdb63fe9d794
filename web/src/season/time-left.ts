const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its largest units: `2 d 4 h`, `3 h 12 min`, `12 min` or `45 s`. */
export function formatTimeLeft(leftMs: number): string {
  if (leftMs >= DAY) return inTwo(leftMs, DAY, "d", HOUR, "h");
  if (leftMs >= HOUR) return inTwo(leftMs, HOUR, "h", MINUTE, "min");
  if (leftMs >= MINUTE) return `${Math.floor(leftMs / MINUTE)} min`;
  return `${Math.max(0, Math.ceil(leftMs / SECOND))} s`;
}

function inTwo(leftMs: number, unit: number, name: string, smaller: number, smallerName: string): string {
  const rest = Math.floor((leftMs % unit) / smaller);
  return `${Math.floor(leftMs / unit)} ${name}${rest === 0 ? "" : ` ${rest} ${smallerName}`}`;
}
