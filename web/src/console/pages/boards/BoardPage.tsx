import { useRead } from "../../api/useRead.js";
import { go, hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural } from "../../ui/format.js";
import { Rules } from "../../ui/Rules.js";
import { LoadingRows } from "../../ui/States.js";
import { Tabs } from "../../ui/Tabs.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { nameOf } from "./Boards.js";
import { Seasons } from "./Seasons.js";
import { Standings } from "./Standings.js";
import { Transfer } from "./Transfer.js";

const EVERY_MS = 15_000;

export function BoardPage({ board: id }: { board: string }) {
  const { data: board, error, isLoading, reload } = useRead("leaderboard.get", { board: id }, EVERY_MS);
  const [ask, dialog] = useConfirm();
  const remove = () =>
    ask({
      title: `Delete the board ${id}?`,
      text: (
        <p>
          This deletes the board with {plural(board!.total, "entry")} of its first window, all its other
          windows and all its closed seasons. It can't be undone.
        </p>
      ),
      action: "Delete the board",
      operation: "leaderboard.delete",
      input: { board: id },
      done: `Deleted ${id}`,
      onDone: () => go("boards"),
    });
  const windows = board?.windows.map(nameOf) ?? [];
  return (
    <>
      <PageHead
        title={id}
        back={{ href: hrefOf("boards"), name: "Leaderboards" }}
        lead={board && `${plural(board.total, "entry")}, ${orderText(board)}`}
      >
        <a className="button" href={hrefOf("inspector", `leaderboard:${id}`)}>
          Inspect
        </a>
        {board && (
          <button type="button" className="button danger-line" onClick={remove}>
            Delete
          </button>
        )}
      </PageHead>
      {dialog}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {board && (
        <Tabs
          label={`Parts of ${id}`}
          tabs={[
            { name: "Standings", content: () => <Standings board={id} windows={windows} /> },
            {
              name: "Rules",
              content: () => (
                <Rules
                  operation="leaderboard.configure"
                  of={{ board: id }}
                  rules={{ ...board }}
                  onChanged={reload}
                />
              ),
            },
            { name: "Seasons", content: () => <Seasons board={id} onClosed={reload} /> },
            { name: "Import and export", content: () => <Transfer board={id} windows={windows} /> },
          ]}
        />
      )}
    </>
  );
}

function orderText({ order, operator }: { order: string; operator: string }): string {
  const best = order === "desc" ? "highest first" : "lowest first";
  const kept = { best: "keeps the best score", last: "keeps the last score", sum: "adds scores up" }[
    operator
  ];
  return `${best}, ${kept}`;
}
