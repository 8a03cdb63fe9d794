import { useEffect, useId, useRef, useState } from "react";
import { useAction } from "../../api/useAction.js";
import { useDocuments } from "../../api/useDocuments.js";
import { Code } from "../../ui/Copy.js";
import { SchemaForm } from "../../ui/SchemaForm.js";
import { LoadingRows } from "../../ui/States.js";

/** Creates an API key, and shows its secret this one time. */
export function NewKey({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { documents } = useDocuments();
  const action = useAction();
  const [secret, setSecret] = useState<string | null>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const create = async (value: Record<string, unknown>) => {
    const output = await action.run("key.create", value as never, "Created the key");
    if (output !== null) setSecret(output.secret);
  };
  return (
    <dialog ref={dialog} className="sheet" aria-labelledby={titleId} onCancel={onClose}>
      <h2 id={titleId}>New API key</h2>
      {secret !== null ? (
        <>
          <p className="sheet-lead">This is the only time that the secret is shown. Copy it now.</p>
          <Code text={secret} label="The secret" />
          <div className="form-actions">
            <button type="button" className="button primary" onClick={onClose}>
              Done
            </button>
          </div>
        </>
      ) : documents === null ? (
        <LoadingRows />
      ) : (
        <SchemaForm
          documents={documents}
          schema={documents.operation("key.create").input}
          value={{ scopes: ["leaderboard:write"] }}
          action="Create the key"
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={create}
        >
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </SchemaForm>
      )}
    </dialog>
  );
}
