const format = new Intl.NumberFormat("en");

export function formatScore(score: number): string {
  return format.format(score);
}
