import type { InputOf, OperationName, OutputOf } from "@grandstand/sdk";
import { GrandstandError } from "@grandstand/sdk";
import { type ReactNode, useState } from "react";
import type { Schema } from "../api/documents.js";
import { useAction } from "../api/useAction.js";
import { useDocuments } from "../api/useDocuments.js";
import { ErrorNote } from "./ErrorNote.js";
import { SchemaForm } from "./SchemaForm.js";
import { Sheet } from "./Sheet.js";
import { LoadingRows } from "./States.js";

interface OperationSheetProps<N extends OperationName> {
  operation: N;
  title: string;
  lead?: ReactNode;
  /** Fields of the input with fixed values. The form does not show them. */
  of?: Partial<InputOf<N>>;
  /** The initial values of the other fields. */
  value?: Record<string, unknown>;
  /** Further fields that the form does not show, and does not send. */
  without?: readonly string[];
  /** The field that comes first. */
  first?: string;
  /** The text of the button. */
  action: string;
  /** What screen readers hear once the operation has succeeded. */
  done: string;
  onDone?: (output: OutputOf<N>, input: Record<string, unknown>) => void;
  /** What the dialog shows of the output. Without `result`, the dialog closes at once. */
  result?: (output: OutputOf<N>) => ReactNode;
  onClose: () => void;
}

/** A dialog with the form of one operation, from the contract's schema. */
export function OperationSheet<N extends OperationName>({
  operation,
  title,
  lead,
  of = {},
  value = {},
  without = [],
  first,
  action,
  done,
  onDone,
  result,
  onClose,
}: OperationSheetProps<N>) {
  const { documents, hasFailed } = useDocuments();
  const { run, isRunning, error } = useAction();
  const [output, setOutput] = useState<OutputOf<N> | null>(null);
  const submit = async (read: Record<string, unknown>) => {
    const answer = await run(operation, { ...read, ...of } as never, done);
    if (answer === null) return;
    onDone?.(answer, read);
    if (result === undefined) onClose();
    else setOutput(answer);
  };
  if (output !== null) {
    return (
      <Sheet title={title} onClose={onClose}>
        {result?.(output)}
        <div className="form-actions">
          <button type="button" className="button primary" onClick={onClose}>
            Done
          </button>
        </div>
      </Sheet>
    );
  }
  return (
    <Sheet title={title} lead={lead} onClose={onClose}>
      {hasFailed && (
        <ErrorNote error={new GrandstandError("unavailable", "The contract could not be read")} />
      )}
      {documents === null && !hasFailed && <LoadingRows />}
      {documents !== null && (
        <SchemaForm
          documents={documents}
          schema={withFirst(documents.operation(operation).input, first)}
          value={value}
          without={[...Object.keys(of), ...without, "idempotencyKey"]}
          action={action}
          isRunning={isRunning}
          error={error}
          onSubmit={submit}
        >
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </SchemaForm>
      )}
    </Sheet>
  );
}

function withFirst(schema: Schema, first: string | undefined): Schema {
  const { [first ?? ""]: own, ...others } = schema.properties ?? {};
  return own === undefined ? schema : { ...schema, properties: { [first!]: own, ...others } };
}
