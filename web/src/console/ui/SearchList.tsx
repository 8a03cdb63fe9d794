import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import type { Search } from "../api/useSearch.js";
import { go } from "../router.js";
import { ErrorNote } from "./ErrorNote.js";
import { ReadOn } from "./ReadOn.js";
import { RowList } from "./RowList.js";
import { Empty, LoadingRows } from "./States.js";

interface SearchListProps<T> extends Search<T> {
  /** The console page that shows one item of the list. */
  page: string;
  /** What one item is called. */
  thing: string;
  row: (item: T) => ReactNode;
  empty: { title: string; text: ReactNode };
}

const TYPING_MS = 250;

/** A list with a text field. Typing searches for ids that begin with the text; "Open" shows the item with exactly this id. */
export function SearchList<T>({
  page,
  thing,
  pages,
  idOf,
  prefix,
  onPrefix,
  row,
  empty,
}: SearchListProps<T>) {
  const [text, setText] = useState(prefix);
  useEffect(() => {
    const timer = setTimeout(() => onPrefix(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, onPrefix]);
  const open = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") go(page, text.trim());
  };
  const { items, error, isLoading, hasMore } = pages;
  return (
    <>
      <form className="search" onSubmit={open}>
        <input
          type="search"
          aria-label={`Search, or the id of a ${thing}`}
          placeholder="Id, or the beginning of one"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit" className="button" disabled={text.trim() === ""}>
          Open
        </button>
      </form>
      {error && <ErrorNote error={error} onRetry={pages.reload} />}
      {items.length > 0 && <RowList items={items} idOf={idOf} hasMore={hasMore} row={row} />}
      {isLoading && items.length === 0 && <LoadingRows />}
      {!isLoading && !error && items.length === 0 && !hasMore && (
        <Empty title={prefix === "" ? empty.title : `No ${thing} begins with “${prefix}”.`}>
          {prefix === "" ? empty.text : "Open looks for exactly this id all the same."}
        </Empty>
      )}
      <ReadOn {...pages} />
    </>
  );
}
