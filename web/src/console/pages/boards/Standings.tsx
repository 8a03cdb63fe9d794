import type { Entry } from "@grandstand/sdk";
import { useLeaderboard } from "@grandstand/sdk/react";
import { useState } from "react";
import { moveByArrow } from "../../ui/arrow-keys.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { whole } from "../../ui/format.js";
import { LiveWord } from "../../ui/LiveWord.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { TableFrame } from "../../ui/TableFrame.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { EntryForm } from "./EntryForm.js";
import { EntryRow } from "./EntryRow.js";
import { FindMember } from "./FindMember.js";
import { FurtherEntries } from "./FurtherEntries.js";
import { WindowField } from "./WindowField.js";

const TOP = 100;
/** The id of a season without an end: that of the window `all`. It is not shown. */
const ALL = "all";

/** The board as its users see it, live, with what an operator can do to each entry. */
export function Standings({ board, windows }: { board: string; windows: readonly string[] }) {
  const [window, setWindow] = useState(windows[0]!);
  const live = useLeaderboard(board, { window, top: TOP });
  const [ask, dialog] = useConfirm();
  const [edited, setEdited] = useState<Entry | "new" | null>(null);
  // Counts the operator's changes. After each change, `FindMember` and `FurtherEntries` read their entries again, because
  // only the first TOP entries are live.
  const [changes, setChanges] = useState(0);
  const onDone = () => setChanges((count) => count + 1);

  const hide = ({ member }: Entry) =>
    ask({
      title: `Hide ${member}?`,
      text: <p>Everybody below moves up one rank. {member} can still submit and still sees this entry.</p>,
      action: "Hide the member",
      operation: "leaderboard.hide",
      input: { board, member },
      done: `Hid ${member}`,
      onDone,
    });
  const remove = ({ member }: Entry) =>
    ask({
      title: `Remove the entry of ${member}?`,
      text: <p>This removes 1 entry from the open season of every window. It can't be undone.</p>,
      action: "Remove the entry",
      operation: "leaderboard.remove",
      input: { board, member },
      done: `Removed ${member}`,
      onDone,
    });

  const actions = { onEdit: setEdited, onHide: hide, onRemove: remove };

  return (
    <section className="standings" aria-label="Standings">
      <div className="bar">
        <WindowField windows={windows} window={window} onChange={setWindow} />
        <LiveWord status={live.status} />
        <span className="bar-note">
          {[
            ...(live.season !== null && live.season !== ALL ? [`Season ${live.season}`] : []),
            ...(live.total > TOP ? [`${whole(live.total)} entries, the first ${TOP} live`] : []),
          ].join(", ")}
        </span>
        <button type="button" className="button" onClick={() => setEdited("new")}>
          Submit a score
        </button>
      </div>
      {dialog}
      {edited !== null && (
        <EntryForm
          board={board}
          entry={edited === "new" ? null : edited}
          onClose={() => {
            setEdited(null);
            onDone();
          }}
        />
      )}
      <FindMember key={window} board={board} window={window} changes={changes} {...actions} />
      {live.error && live.status === "failed" && <ErrorNote error={live.error} onRetry={live.retry} />}
      {live.status === "loading" && <LoadingRows rows={8} />}
      {live.status !== "loading" && live.entries.length === 0 && (
        <Empty title="Nobody is on this board yet.">The first score opens it.</Empty>
      )}
      {live.entries.length > 0 && (
        <TableFrame label="Entries">
          <table className="table" aria-rowcount={live.total + 1}>
            <thead>
              <tr aria-rowindex={1}>
                <th scope="col" className="number">
                  Rank
                </th>
                <th scope="col">Member</th>
                <th scope="col" className="number">
                  Score
                </th>
                <th scope="col" className="wide-only">
                  Metadata
                </th>
                <th scope="col" className="wide-only">
                  Reached
                </th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody onKeyDown={moveByArrow}>
              {live.entries.map((entry, at) => (
                <EntryRow key={entry.member} entry={entry} rowIndex={at + 2} {...actions} />
              ))}
            </tbody>
            {live.total > TOP && (
              <FurtherEntries
                key={window}
                board={board}
                window={window}
                above={TOP}
                changes={changes}
                {...actions}
              />
            )}
          </table>
        </TableFrame>
      )}
    </section>
  );
}
