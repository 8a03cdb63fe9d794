import type { OperationName } from "@grandstand/sdk";
import { GrandstandError } from "@grandstand/sdk";
import { useAction } from "../api/useAction.js";
import { useDocuments } from "../api/useDocuments.js";
import { ErrorNote } from "./ErrorNote.js";
import { SchemaForm } from "./SchemaForm.js";
import { LoadingRows } from "./States.js";

interface RulesProps {
  operation: OperationName;
  /** What the rules belong to: an id under the name of its input field, such as `{ board: "arcade" }`. */
  of: Record<string, string>;
  /** The current rules; null if there are none yet. */
  rules: Record<string, unknown> | null;
  /** What the page calls the rules: `rules` or `settings`. */
  name?: string;
  onChanged: () => void;
}

/**
 * A form for the rules of a board, a room, a counter or a webhook, made from the operation's input schema. Saving replaces
 * all rules. An exception is a webhook: a field that the operator empties keeps its value, because `webhook.update` changes
 * just the given fields.
 */
export function Rules({ operation, of, rules, name = "rules", onChanged }: RulesProps) {
  const { documents, hasFailed } = useDocuments();
  const action = useAction();
  if (hasFailed)
    return <ErrorNote error={new GrandstandError("unavailable", "The contract could not be read")} />;
  if (documents === null) return <LoadingRows />;
  const { input } = documents.operation(operation);
  const save = async (value: Record<string, unknown>) => {
    const output = await action.run(operation, { ...value, ...of } as never, `Saved the ${name}`);
    if (output !== null) onChanged();
  };
  return (
    <SchemaForm
      key={JSON.stringify(rules)}
      documents={documents}
      schema={input}
      value={rules ?? {}}
      without={[...Object.keys(of), "idempotencyKey"]}
      action={`Save the ${name}`}
      isRunning={action.isRunning}
      error={action.error}
      onSubmit={save}
    />
  );
}
