import type { ReaderState } from "./reader-state.js";
import type { Acknowledged } from "./writer.js";

/** One fault that was injected. */
export interface Fault {
  name: string;
  startedAt: number;
}

/** The result of a run. */
export interface Account {
  acknowledged: number;
  deliveries: number;
  faults: Record<string, number>;
  /** Acknowledged messages that a reader neither received nor was notified of. */
  unflagged: string[];
  /** How many acknowledged messages readers missed in gaps that they were notified of: the sum over all readers. */
  flagged: number;
  /** Texts that occur more than once in one epoch of the log. A log that is replaced begins a new epoch. */
  duplicated: string[];
  /** The number of epochs whose last items were lost, because Redis ended before it had stored acknowledged writes. */
  forks: number;
  /**
   * Violations of two kinds, as texts. Two readers saw different items at one place of the log. Or one reader received
   * items in a way that breaks a guarantee, such as out of order (`ReaderState.faults`).
   */
  reordered: string[];
  /**
   * For each fault, the time in ms from its start until all readers had received one message that was sent after its start.
   * A fault without such a message is left out.
   */
  healTimesMs: number[];
}

export function accountOf(readers: ReaderState[], acknowledged: Acknowledged[], faults: Fault[]): Account {
  const { order, conflicts } = commonOrder(readers);
  const places = new Map([...order].map(([place, id]) => [id, place]));
  const unflagged: string[] = [];
  let flagged = 0;
  for (const reader of readers) {
    for (const { message } of acknowledged) {
      if (reader.arrivedAt.has(message.id)) continue;
      if (isExcused(reader, places.get(message.id))) flagged += 1;
      else unflagged.push(`${reader.name} (${reader.transport}) misses ${message.text} at ${message.offset}`);
    }
  }
  return {
    acknowledged: acknowledged.length,
    deliveries: readers.reduce((sum, reader) => sum + reader.arrivedAt.size, 0),
    faults: countBy(faults.map(({ name }) => name)),
    unflagged,
    flagged,
    duplicated: duplicatesIn(order, readers),
    forks: forksOf(readers).size,
    reordered: [...conflicts, ...readers.flatMap((reader) => reader.faults)],
    healTimesMs: healingOf(readers, acknowledged, faults),
  };
}

function forksOf(readers: ReaderState[]): Set<string> {
  return new Set(readers.flatMap((reader) => [...reader.forks]));
}

/**
 * `order` has the item at each place (`<epoch> <offset>`), and `conflicts` the places where two readers saw different items.
 */
function commonOrder(readers: ReaderState[]) {
  const order = new Map<string, string>();
  const forks = forksOf(readers);
  const conflicts: string[] = [];
  for (const reader of readers) {
    for (const [place, id] of reader.places) {
      const known = order.get(place) ?? id;
      // In an epoch that lost its last items (a fork), later items reuse their places. This is no conflict, because the
      // readers were notified.
      if (known !== id && !forks.has(place.split(" ")[0]!))
        conflicts.push(`${reader.name} saw ${id} at ${place}, another reader ${known}`);
      order.set(place, known);
    }
  }
  return { order, conflicts };
}

/**
 * Whether a place (`<epoch> <offset>`) is in a gap that the reader was notified of. If no reader received the item, `place`
 * is undefined: any gap that the reader was notified of may contain the item.
 */
function isExcused(reader: ReaderState, place: string | undefined): boolean {
  const [epoch, offset] = place?.split(" ") ?? [];
  return reader.reportedGaps.some(({ from, to }) => {
    if (place === undefined) return true;
    const isBehind = from.epoch === epoch && Number(offset) > from.offset;
    const isBefore = to.epoch === epoch && Number(offset) <= to.offset;
    return to.epoch === from.epoch ? isBehind && isBefore : isBehind || isBefore;
  });
}

function duplicatesIn(order: Map<string, string>, readers: ReaderState[]): string[] {
  const textOf = new Map(readers.flatMap((reader) => [...reader.texts]));
  const counts = countBy([...order].map(([place, id]) => `${place.split(" ")[0]} ${textOf.get(id)}`));
  return Object.entries(counts)
    .filter(([, count]) => count > 1)
    .map(([text]) => text);
}

function healingOf(readers: ReaderState[], acknowledged: Acknowledged[], faults: Fault[]): number[] {
  const byTime = acknowledged.toSorted((one, other) => one.sentAt - other.sentAt);
  return faults.flatMap(({ startedAt }) => {
    const next = byTime.find(
      ({ sentAt, message }) =>
        sentAt > startedAt && readers.every((reader) => reader.arrivedAt.has(message.id)),
    );
    if (!next) return [];
    return [Math.max(...readers.map((reader) => reader.arrivedAt.get(next.message.id)!)) - startedAt];
  });
}

function countBy(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
