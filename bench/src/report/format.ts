import type { Spread } from "../statistics.js";

/** The middle of a spread, with its ends in brackets. */
export function spreadText({ lowest, median, highest }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}

/** A figure with one digit behind the point, or with `digits`; from 100 on, with none. */
export function amount(value: number, digits = 1): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(digits);
}
