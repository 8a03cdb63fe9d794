/** How long ago `startedAt` was, for a reader: `1.4 s`. */
export function secondsSince(startedAt) {
  return `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
}
