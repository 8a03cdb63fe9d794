import type { Entry } from "@grandstand/sdk";
import { useEffect, useId, useRef } from "react";
import { useAction } from "../../api/useAction.js";
import { useDocuments } from "../../api/useDocuments.js";
import { SchemaForm } from "../../ui/SchemaForm.js";
import { LoadingRows } from "../../ui/States.js";

interface EntryFormProps {
  board: string;
  /** Null for a score of any member. */
  entry: Entry | null;
  onClose: () => void;
}

/** A score for one member. For an entry that exists, it replaces the score whatever the board keeps. */
export function EntryForm({ board, entry, onClose }: EntryFormProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { documents } = useDocuments();
  const action = useAction();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const value = entry && {
    score: entry.score,
    ...(entry.subscore !== 0 && { subscore: entry.subscore }),
    ...(entry.metadata && { metadata: entry.metadata }),
    operator: "last",
  };
  const submit = async (read: Record<string, unknown>) => {
    const input = { ...read, board, ...(entry && { member: entry.member }) };
    const output = await action.run("leaderboard.submit", input as never, "Submitted the score");
    if (output !== null) onClose();
  };
  const without = ["board", "idempotencyKey", ...(entry ? ["member"] : [])];
  return (
    <dialog ref={dialog} className="sheet" aria-labelledby={titleId} onCancel={onClose}>
      <h2 id={titleId}>{entry ? `Edit the entry of ${entry.member}` : "Submit a score"}</h2>
      <p className="sheet-lead">
        {entry
          ? "The score goes to the open season of every window. With the operator last, it replaces what is there."
          : "The score goes to the open season of every window of the board."}
      </p>
      {documents === null ? (
        <LoadingRows />
      ) : (
        <SchemaForm
          documents={documents}
          schema={documents.operation("leaderboard.submit").input}
          value={value ?? {}}
          without={without}
          action={entry ? "Save the entry" : "Submit"}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={submit}
        >
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </SchemaForm>
      )}
    </dialog>
  );
}
