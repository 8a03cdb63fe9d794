import type { Spread } from "../statistics.js";

/** A spread as text: the median, with the lowest and highest value in brackets. */
export function spreadText({ lowest, median, highest }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}

/** A figure with `digits` decimals; from 100 on, without decimals. */
export function amount(value: number, digits = 1): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(digits);
}
