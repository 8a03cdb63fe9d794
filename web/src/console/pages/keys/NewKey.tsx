import { OperationSheet } from "../../ui/OperationSheet.js";
import { Secret } from "../../ui/Secret.js";

/** Creates an API key, and shows its secret this one time. */
export function NewKey({ onCreated, onClose }: { onCreated: () => void; onClose: () => void }) {
  return (
    <OperationSheet
      operation="key.create"
      title="New API key"
      value={{ scopes: ["leaderboard:write"] }}
      action="Create the key"
      done="Created the key"
      onDone={onCreated}
      result={({ secret }) => <Secret secret={secret} />}
      onClose={onClose}
    />
  );
}
