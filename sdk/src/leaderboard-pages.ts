import type { InputOf } from "@grandstand/shared/contract";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { CallOperation, CallOptions } from "./call-operation.js";

interface Page<T> {
  items: Iterable<T>;
  nextCursor: string | null;
}

const ENTRIES_PER_PAGE = 200;

/** Reads every entry, best first, page by page. */
export function allEntries(
  call: CallOperation,
  input: InputOf<"leaderboard.entries">,
  callOptions?: CallOptions,
): AsyncGenerator<Entry, void, undefined> {
  return pageByPage(async (cursor) => {
    const page = await call(
      "leaderboard.entries",
      { limit: ENTRIES_PER_PAGE, ...input, cursor },
      callOptions,
    );
    return { items: page.entries, nextCursor: page.nextCursor };
  });
}

/** Reads every entry as text, one page of NDJSON or CSV lines after the other. */
export function exportedPages(
  call: CallOperation,
  input: InputOf<"leaderboard.export">,
  callOptions?: CallOptions,
): AsyncGenerator<string, void, undefined> {
  return pageByPage(async (cursor) => {
    const page = await call("leaderboard.export", { ...input, cursor }, callOptions);
    return { items: page.content === "" ? [] : [page.content], nextCursor: page.nextCursor };
  });
}

async function* pageByPage<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await read(cursor);
    yield* items;
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
}
