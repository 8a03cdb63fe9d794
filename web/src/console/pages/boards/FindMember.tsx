import type { OutputOf } from "@grandstand/sdk";
import { type FormEvent, useEffect, useState } from "react";
import { useRead } from "../../api/useRead.js";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { whole } from "../../ui/format.js";
import { OperationSheet } from "../../ui/OperationSheet.js";
import { LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";
import type { EntryActions } from "./EntryRow.js";

interface FindMemberProps extends EntryActions {
  board: string;
  window: string;
  /** The entry is read again whenever this number changes. */
  changes: number;
}

/** Finds an entry by the id of its member, even if the member is hidden and therefore in no list. */
export function FindMember({ board, window, changes, ...actions }: FindMemberProps) {
  const [text, setText] = useState("");
  const [member, setMember] = useState<string | null>(null);
  const find = (event: FormEvent) => {
    event.preventDefault();
    setMember(text);
  };
  return (
    <details className="disclosure">
      <summary>Find a member, also a hidden one</summary>
      <form className="inline-form" onSubmit={find}>
        <input
          aria-label="Member"
          placeholder="Id of the member"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value.trim())}
        />
        <button type="submit" className="button" disabled={text === ""}>
          Find
        </button>
      </form>
      {member !== null && (
        <Found key={member} board={board} window={window} member={member} changes={changes} {...actions} />
      )}
    </details>
  );
}

function Found({
  board,
  window,
  member,
  changes,
  onEdit,
  onHide,
  onRemove,
}: FindMemberProps & { member: string }) {
  const { data, error, isLoading, reload } = useRead("leaderboard.entry", { board, window, member });
  const [isDescribing, setDescribing] = useState(false);
  const [ask, dialog] = useConfirm();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the entry is read again when `changes` changes
  useEffect(reload, [changes, reload]);
  const show = (entry: OutputOf<"leaderboard.entry">) =>
    ask({
      title: `Show ${member} again?`,
      text: (
        <p>
          If {member} is hidden, the entry comes back with the score {whole(entry.score)}.
        </p>
      ),
      action: "Show the member",
      operation: "leaderboard.show",
      input: { board, member },
      done: `${member} is shown again`,
      isDangerous: false,
      onDone: reload,
    });
  return (
    <>
      {dialog}
      {isLoading && <LoadingRows rows={1} />}
      {error && <ErrorNote error={error} />}
      {data && (
        <div className="bar">
          <a className="row-name" href={hrefOf("users", member)}>
            {data.profile?.name ?? member}
          </a>
          <span className="bar-note figures">
            rank {whole(data.rank)}, {whole(data.score)}
          </span>
          <span className="bar-note">
            <Ago at={data.reachedAt} />
          </span>
          <span className="form-actions">
            <button type="button" className="button small" onClick={() => onEdit(data)}>
              Edit
            </button>
            <button type="button" className="button small" onClick={() => setDescribing(true)}>
              Metadata
            </button>
            <button type="button" className="button small" onClick={() => onHide(data)}>
              Hide
            </button>
            <button type="button" className="button small" onClick={() => show(data)}>
              Show again
            </button>
            <button type="button" className="button small danger-line" onClick={() => onRemove(data)}>
              Remove
            </button>
          </span>
        </div>
      )}
      {data && isDescribing && (
        <OperationSheet
          operation="leaderboard.setMetadata"
          title={`Metadata of ${member}`}
          lead="Score, rank and time stay."
          of={{ board, member }}
          value={{ metadata: data.metadata }}
          action="Save the metadata"
          done={`Saved the metadata of ${member}`}
          onDone={reload}
          onClose={() => setDescribing(false)}
        />
      )}
    </>
  );
}
