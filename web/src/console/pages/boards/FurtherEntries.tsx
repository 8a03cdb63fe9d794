import { useEffect, useRef, useState } from "react";
import { usePages } from "../../api/usePages.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { ReadOn } from "../../ui/ReadOn.js";
import { RowBodies } from "../../ui/RowBodies.js";
import { type EntryActions, EntryRow } from "./EntryRow.js";

interface FurtherEntriesProps extends EntryActions {
  board: string;
  window: string;
  /** The rank after which these entries begin. */
  above: number;
  /** How many times an operator has changed an entry. When this number grows, the entries are read again. */
  changes: number;
}

const COLUMNS = 6;

/** The entries after the live entries, as rows of the same table. Each page is read when it is nearly in view. */
export function FurtherEntries(props: FurtherEntriesProps) {
  const [isWanted, setWanted] = useState(false);
  if (isWanted) return <ReadEntries {...props} />;
  return (
    <tbody>
      <tr>
        <td colSpan={COLUMNS}>
          <ReadOn hasMore isLoading={false} error={null} loadMore={() => setWanted(true)} />
        </td>
      </tr>
    </tbody>
  );
}

function ReadEntries({ board, window, above, changes, ...actions }: FurtherEntriesProps) {
  const pages = usePages(
    "leaderboard.entries",
    { board, window, limit: 100 },
    ({ entries }) => entries.filter(({ rank }) => rank > above),
    ({ member }) => member,
  );
  const { reload } = pages;
  const changesBefore = useRef(changes);
  useEffect(() => {
    if (changes === changesBefore.current) return;
    changesBefore.current = changes;
    reload();
  }, [changes, reload]);
  return (
    <>
      <RowBodies
        items={pages.items}
        rowsBefore={1 + above}
        row={(entry, rowIndex) => (
          <EntryRow key={entry.member} entry={entry} rowIndex={rowIndex} {...actions} />
        )}
      />
      {(pages.hasMore || pages.error) && (
        <tbody>
          <tr>
            <td colSpan={COLUMNS}>
              {pages.error && <ErrorNote error={pages.error} onRetry={pages.loadMore} />}
              <ReadOn {...pages} />
            </td>
          </tr>
        </tbody>
      )}
    </>
  );
}
