import type { Entry } from "@grandstand/sdk";
import { OperationSheet } from "../../ui/OperationSheet.js";

interface EntryFormProps {
  board: string;
  /** Null if the form also asks for the member. */
  entry: Entry | null;
  onClose: () => void;
}

/**
 * Submits a score for one member. For an existing entry, the form preselects the score operator `last`: the new score
 * then replaces the old one, whatever the board's own operator is.
 */
export function EntryForm({ board, entry, onClose }: EntryFormProps) {
  return entry === null ? (
    <OperationSheet
      operation="leaderboard.submit"
      title="Submit a score"
      lead="The score goes to the open season of every window of the board."
      of={{ board }}
      action="Submit"
      done="Submitted the score"
      onClose={onClose}
    />
  ) : (
    <OperationSheet
      operation="leaderboard.submit"
      title={`Edit the entry of ${entry.member}`}
      lead="The score goes to the open season of every window. With the operator last, it replaces what is there."
      of={{ board, member: entry.member }}
      value={{
        score: entry.score,
        ...(entry.subscore !== 0 && { subscore: entry.subscore }),
        ...(entry.metadata && { metadata: entry.metadata }),
        operator: "last",
      }}
      action="Save the entry"
      done="Saved the entry"
      onClose={onClose}
    />
  );
}
