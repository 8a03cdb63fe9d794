import type { GrandstandError, InputOf, OperationName, OutputOf } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { asError } from "./useRead.js";

export interface Pages<T> {
  items: readonly T[];
  error: GrandstandError | null;
  isLoading: boolean;
  hasMore: boolean;
  loadMore: () => void;
  /** Reads the list again from the start: as many items as there are now, in at most `PAGES_PER_REQUEST` pages. */
  reload: () => void;
}

type Paged = {
  [N in OperationName]: OutputOf<N> extends { nextCursor: string | null } ? N : never;
}[OperationName];

/**
 * How many pages one `loadMore` or `reload` may read. One page is not always enough: a page of a search may be empty, and
 * `reload` reads all items again.
 */
const PAGES_PER_REQUEST = 20;

/**
 * Reads a list a page at a time, and again from the start when the input changes.
 * @param itemsOf the items of a page
 * @param idOf the id of an item. Items with the same id are shown once
 */
export function usePages<N extends Paged, T>(
  operation: N,
  input: Omit<InputOf<N>, "cursor">,
  itemsOf: (page: OutputOf<N>) => readonly T[],
  idOf: (item: T) => string,
): Pages<T> {
  const client = useClient();
  const key = JSON.stringify(input);
  const [items, setItems] = useState<readonly T[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<GrandstandError | null>(null);
  const [isLoading, setLoading] = useState(true);
  const run = useRef(0);
  const read = useRef({ itemsOf, idOf });
  read.current = { itemsOf, idOf };

  /** @param wanted the number of items at which reading stops */
  const load = useCallback(
    async (from: string | null, before: readonly T[], wanted: number) => {
      const number = ++run.current;
      setLoading(true);
      setError(null);
      try {
        const known = new Map(before.map((item) => [read.current.idOf(item), item]));
        let next = from;
        for (let pages = 0; pages < PAGES_PER_REQUEST; pages += 1) {
          const more = { ...(JSON.parse(key) as object), ...(next !== null && { cursor: next }) };
          const page = await client.call(operation, more as InputOf<N>);
          if (number !== run.current) return;
          for (const item of read.current.itemsOf(page)) known.set(read.current.idOf(item), item);
          next = (page as { nextCursor: string | null }).nextCursor;
          if (next === null || known.size >= wanted) break;
        }
        setItems([...known.values()]);
        setCursor(next);
      } catch (failure) {
        if (number === run.current) setError(asError(failure));
      } finally {
        if (number === run.current) setLoading(false);
      }
    },
    [client, operation, key],
  );

  const shown = useRef(0);
  shown.current = items.length;
  // The current items stay until the new ones are there.
  const reload = useCallback(() => void load(null, [], Math.max(1, shown.current)), [load]);

  useEffect(() => {
    setItems([]);
    setCursor(null);
    void load(null, [], 1);
    return () => {
      run.current += 1;
    };
  }, [load]);

  return {
    items,
    error,
    isLoading,
    hasMore: cursor !== null,
    loadMore: () => void load(cursor, items, items.length + 1),
    reload,
  };
}
