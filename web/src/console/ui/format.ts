const number = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

export function whole(value: number): string {
  return number.format(value);
}

export function short(value: number): string {
  return value < 10_000 ? number.format(Math.round(value * 10) / 10) : compact.format(value);
}

const BYTES = ["B", "KB", "MB", "GB", "TB"];

export function bytes(value: number): string {
  const step = Math.min(BYTES.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  const amount = value / 1_024 ** step;
  return `${amount >= 100 || step === 0 ? Math.round(amount) : amount.toFixed(1)} ${BYTES[step]}`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** How long ago a time was, or when it will be, such as `5 min. ago` or `in 2 hr.` */
export function ago(iso: string, now = Date.now()): string {
  const ms = Date.parse(iso) - now;
  if (Math.abs(ms) < 2_000) return "now";
  const [unit, size] = STEPS.find(([, size]) => Math.abs(ms) >= size) ?? STEPS.at(-1)!;
  return relative.format(Math.round(ms / size), unit);
}

/** How long something lasts, such as `3 d 4 h`. */
export function duration(ms: number): string {
  const units: [string, number][] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ];
  const first = units.findIndex(([, size]) => ms >= size);
  if (first < 0) return `${Math.round(ms)} ms`;
  let rest = ms;
  const parts: string[] = [];
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.join(" ");
}

/** @param things the plural, if it is irregular: formed neither with `s` nor with `ies` in place of a `y` */
export function plural(count: number, thing: string, things = regularPlural(thing)): string {
  return `${whole(count)} ${count === 1 ? thing : things}`;
}

function regularPlural(thing: string): string {
  return `${thing.replace(/(?<=[^aeiou])y$/, "ie")}s`;
}

const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
export function atTime(iso: string): string {
  return dateTime.format(new Date(iso));
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
export function clockTime(iso: string): string {
  return clock.format(new Date(iso));
}

const exactClock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
/** The time of day to the millisecond. */
export function exactTime(iso: string): string {
  return exactClock.format(new Date(iso));
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
/** A day in the time series of a counter, such as `3 May`. Such a day begins at midnight UTC. */
export function dayOf(iso: string): string {
  return day.format(new Date(iso));
}

const dayTime = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
export function dayAndTime(iso: string): string {
  return dayTime.format(new Date(iso));
}
