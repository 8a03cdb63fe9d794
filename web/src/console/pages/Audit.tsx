import { usePages } from "../api/usePages.js";
import { PageHead } from "../shell/PageHead.js";
import { Ago } from "../ui/Ago.js";
import { ErrorNote } from "../ui/ErrorNote.js";
import { ReadOn } from "../ui/ReadOn.js";
import { RowBodies } from "../ui/RowBodies.js";
import { Empty, LoadingRows } from "../ui/States.js";
import { TableFrame } from "../ui/TableFrame.js";

/** Who did what in the console, newest first. */
export function Audit() {
  const { items, error, isLoading, hasMore, loadMore, reload } = usePages(
    "admin.audit",
    { limit: 50 },
    ({ entries }) => entries,
    ({ id }) => id,
  );
  return (
    <>
      <PageHead title="Audit log" lead="What operators changed in the console within the last 90 days">
        <button type="button" className="button" onClick={reload}>
          Refresh
        </button>
      </PageHead>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && items.length === 0 && <LoadingRows />}
      {!isLoading && !error && items.length === 0 && <Empty title="Nobody has changed anything here yet." />}
      {items.length > 0 && (
        <TableFrame label="Audit log" className="audit">
          <table className="table" aria-rowcount={hasMore ? -1 : items.length + 1}>
            <thead>
              <tr aria-rowindex={1}>
                <th scope="col">When</th>
                <th scope="col">Key</th>
                <th scope="col">Operation</th>
                <th scope="col" className="wide-only">
                  Input
                </th>
                <th scope="col">Outcome</th>
                <th scope="col" className="wide-only">
                  Address
                </th>
              </tr>
            </thead>
            <RowBodies
              items={items}
              rowsBefore={1}
              row={({ id, at, key, operation, input, outcome, address }, rowIndex) => (
                <tr key={id} aria-rowindex={rowIndex}>
                  <td>
                    <Ago at={at} />
                  </td>
                  <td className="cell-main">{key}</td>
                  <td className="mono">
                    {domainOf(operation)}
                    <wbr />
                    {operation.slice(domainOf(operation).length)}
                  </td>
                  <td className="wide-only mono cell-json">{input === "{}" ? "" : input}</td>
                  <td>
                    <span className={outcome === "ok" ? "tag is-live" : "tag is-bad"}>{outcome}</span>
                  </td>
                  <td className="wide-only mono">{address}</td>
                </tr>
              )}
            />
          </table>
        </TableFrame>
      )}
      <ReadOn hasMore={hasMore} isLoading={isLoading} error={error} loadMore={loadMore} />
    </>
  );
}

/** The domain in an operation's name, with its dot. A narrow table breaks the name after the dot. */
function domainOf(operation: string): string {
  return operation.slice(0, operation.indexOf(".") + 1);
}
