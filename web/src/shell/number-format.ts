const format = new Intl.NumberFormat("en");

/** Formats a number with thousands separators: `12,480`. */
export function formatNumber(value: number): string {
  return format.format(value);
}
