export const MS_PER_DAY = 86_400_000;
/** A power of two, so that the last bits of a day's number are an index of `dates`. */
const REMEMBERED_DAYS = 64;

/**
 * A cache of formatted dates, because most times in one result fall on a few days. The last bits of a day's number are the
 * index of its date.
 */
const dates: { day: number; date: string }[] = Array.from({ length: REMEMBERED_DAYS }, () => ({
  day: Number.NaN,
  date: "",
}));
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/**
 * The date of a day as in `2026-11-29T`.
 * @param day counted from 1970-01-01
 * @throws {RangeError} for a day that `Date` can't represent
 */
export function dayText(day: number): string {
  const remembered = dates[day & (REMEMBERED_DAYS - 1)]!;
  if (remembered.day !== day) {
    const text = new Date(day * MS_PER_DAY).toISOString();
    remembered.day = day;
    remembered.date = text.slice(0, text.indexOf("T") + 1);
  }
  return remembered.date;
}

/** Formats a time of Redis, in ms since 1970, as ISO 8601 in UTC. */
export function toIsoTime(ms: string | number | undefined): string {
  const time = Math.trunc(Number(ms));
  const day = Math.floor(time / MS_PER_DAY);
  const date = dayText(day);
  const ofDay = time - day * MS_PER_DAY;
  const seconds = Math.floor(ofDay / 1_000);
  const minutes = Math.floor(seconds / 60);
  const millis = ofDay - seconds * 1_000;
  const padding = millis < 10 ? "00" : millis < 100 ? "0" : "";
  return `${date}${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${padding}${millis}Z`;
}
