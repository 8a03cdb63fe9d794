/** Enough to keep a server busy, and few enough that no connection attempt times out. */
const BATCH_SIZE = 50;

/** Runs `work` for all items, one batch after the other. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += BATCH_SIZE) {
    results.push(...(await Promise.all(items.slice(at, at + BATCH_SIZE).map(work))));
  }
  return results;
}
