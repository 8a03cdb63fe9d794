import type { OperationName } from "@grandstand/sdk";
import { useEffect, useId, useRef, useState } from "react";
import { useAction } from "../api/useAction.js";
import { useDocuments } from "../api/useDocuments.js";
import { go } from "../router.js";
import { SchemaForm } from "../ui/SchemaForm.js";
import { LoadingRows } from "../ui/States.js";

interface NewThingProps {
  thing: "board" | "room" | "counter";
  operation: "leaderboard.configure" | "chat.configure" | "counter.configure";
  page: string;
}

/** A button that opens a form, which creates a board, a room or a counter. */
export function NewThing(props: NewThingProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button primary" onClick={() => setOpen(true)}>
        New {props.thing}
      </button>
      {isOpen && <NewThingDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

function NewThingDialog({ thing, operation, page, onClose }: NewThingProps & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { documents } = useDocuments();
  const action = useAction();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const create = async (value: Record<string, unknown>) => {
    const output = await action.run(operation as OperationName, value as never, `Created the ${thing}`);
    if (output !== null) go(page, String(value[thing]));
  };
  return (
    <dialog ref={dialog} className="sheet" aria-labelledby={titleId} onCancel={onClose}>
      <h2 id={titleId}>New {thing}</h2>
      <p className="sheet-lead">If a {thing} of this id exists, its rules are replaced.</p>
      {documents === null ? (
        <LoadingRows />
      ) : (
        <SchemaForm
          documents={documents}
          schema={idFirst(documents.operation(operation).input, thing)}
          value={{}}
          without={["idempotencyKey"]}
          action={`Create the ${thing}`}
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

function idFirst<S extends { properties?: Record<string, object> }>(schema: S, id: string): S {
  const { [id]: own, ...others } = schema.properties ?? {};
  return own === undefined ? schema : { ...schema, properties: { [id]: own, ...others } };
}
