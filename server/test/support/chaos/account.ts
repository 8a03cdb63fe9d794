import type { Fault } from "./nemesis.js";
import type { Reader } from "./reader.js";
import type { Acknowledged, Writer } from "./writer.js";

/** The result of a run. */
export interface Account {
  acknowledged: number;
  deliveries: number;
  faults: Record<string, number>;
  /** Acknowledged messages that a reader neither received nor was told to have missed. */
  unflagged: string[];
  /** Acknowledged messages that a reader was told to have missed. */
  flagged: number;
  /** Texts that occur twice in one epoch of the log. */
  duplicated: string[];
  /** Epochs that lost their end, because Redis was killed before it wrote what it had acknowledged. */
  forks: number;
  /** Positions at which readers saw different items, and violations that a reader found itself. */
  reordered: string[];
  /** The time from each fault until every reader had a message acknowledged after it, in ms. */
  healMs: { median: number; longest: number };
}

export function accountOf(readers: Reader[], writers: Writer[], faults: Fault[]): Account {
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
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
    healMs: healingOf(readers, acknowledged, faults),
  };
}

function forksOf(readers: Reader[]): Set<string> {
  return new Set(readers.flatMap((reader) => [...reader.forks]));
}

/** The item at each position of each epoch, if all readers agree. */
function commonOrder(readers: Reader[]) {
  const order = new Map<string, string>();
  const forks = forksOf(readers);
  const conflicts: string[] = [];
  for (const reader of readers) {
    for (const [place, id] of reader.places) {
      const known = order.get(place) ?? id;
      // A lost item and its replacement both had this position, and the readers know.
      if (known !== id && !forks.has(place.split(" ")[0]!))
        conflicts.push(`${reader.name} saw ${id} at ${place}, another reader ${known}`);
      order.set(place, known);
    }
  }
  return { order, conflicts };
}

/** Whether a position, unknown for null, lies in a range that the reader was told to have missed. */
function isExcused(reader: Reader, place: string | undefined): boolean {
  const [epoch, offset] = place?.split(" ") ?? [];
  return reader.told.some(({ from, to }) => {
    if (place === undefined) return true;
    const isBehind = from.epoch === epoch && Number(offset) > from.offset;
    const isBefore = to.epoch === epoch && Number(offset) <= to.offset;
    return to.epoch === from.epoch ? isBehind && isBefore : isBehind || isBefore;
  });
}

function duplicatesIn(order: Map<string, string>, readers: Reader[]): string[] {
  const textOf = new Map(readers.flatMap((reader) => [...reader.texts]));
  const counts = countBy([...order].map(([place, id]) => `${place.split(" ")[0]} ${textOf.get(id)}`));
  return Object.entries(counts)
    .filter(([, count]) => count > 1)
    .map(([text]) => text);
}

function healingOf(readers: Reader[], acknowledged: Acknowledged[], faults: Fault[]): Account["healMs"] {
  const byTime = acknowledged.toSorted((one, other) => one.at - other.at);
  const times = faults.flatMap(({ startedAt }) => {
    const next = byTime.find(
      ({ at, message }) => at > startedAt && readers.every((reader) => reader.arrivedAt.has(message.id)),
    );
    if (!next) return [];
    return [Math.max(...readers.map((reader) => reader.arrivedAt.get(next.message.id)!)) - startedAt];
  });
  const sorted = times.toSorted((one, other) => one - other);
  return {
    median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    longest: Math.round(sorted.at(-1) ?? 0),
  };
}

function countBy(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
