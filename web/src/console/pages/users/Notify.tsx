import { useState } from "react";
import { Panel } from "../../../shell/Panel.js";
import { useAction } from "../../api/useAction.js";
import { useDocuments } from "../../api/useDocuments.js";
import { SchemaForm } from "../../ui/SchemaForm.js";
import { LoadingRows } from "../../ui/States.js";

/** Sends a notice to all devices of a user. */
export function Notify({ user }: { user: string }) {
  const { documents } = useDocuments();
  const action = useAction();
  const [sent, setSent] = useState(0);
  const send = async (value: Record<string, unknown>) => {
    const output = await action.run("user.notify", { ...value, user } as never, `Sent the notice to ${user}`);
    if (output !== null) setSent((before) => before + 1);
  };
  return (
    <Panel title="Send a notice">
      {documents === null ? (
        <LoadingRows rows={2} />
      ) : (
        <SchemaForm
          key={sent}
          documents={documents}
          schema={documents.operation("user.notify").input}
          value={{}}
          without={["user", "idempotencyKey"]}
          action="Send"
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={send}
        />
      )}
    </Panel>
  );
}
