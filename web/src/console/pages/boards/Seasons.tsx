import { useRead } from "../../api/useRead.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";

export function Seasons({ board, onClosed }: { board: string; onClosed: () => void }) {
  const { data, error, isLoading, reload } = useRead("leaderboard.seasons", { board });
  const [ask, dialog] = useConfirm();
  const close = (window: string, season: string) =>
    ask({
      title: `Close the season ${season}?`,
      text: (
        <p>
          The standings of the window <strong>{window}</strong> are frozen, and every later score counts in
          the next season. Its end is announced to everybody who watches the board. It can't be opened again.
        </p>
      ),
      action: "Close the season",
      operation: "leaderboard.close",
      input: { board, window, season },
      done: `Closed ${season}`,
      onDone: () => {
        reload();
        onClosed();
      },
    });
  if (isLoading) return <LoadingRows />;
  return (
    <>
      {dialog}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {data && (
        <ul className="rows">
          {data.seasons.map(({ window, season, startsAt, endsAt, closedAt }) => (
            <li key={`${window} ${season}`}>
              <div className="row">
                <span className="row-name">{season}</span>
                <span className="row-tags">
                  <span className="tag">{window}</span>
                  <span className={closedAt === null ? "tag is-live" : "tag"}>
                    {closedAt === null ? "open" : "closed"}
                  </span>
                </span>
                <span className="row-fact">
                  {startsAt !== null && (
                    <>
                      began <Ago at={startsAt} />
                    </>
                  )}
                </span>
                <span className="row-fact">
                  {closedAt !== null ? (
                    <>
                      closed <Ago at={closedAt} />
                    </>
                  ) : endsAt === null ? (
                    "has no end"
                  ) : (
                    <>
                      ends <Ago at={endsAt} />
                    </>
                  )}
                </span>
                <span className="row-end">
                  {closedAt === null && (
                    <button
                      type="button"
                      className="button small danger-line"
                      onClick={() => close(window, season)}
                    >
                      Close<span className="visually-hidden"> {season}</span>
                    </button>
                  )}
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
