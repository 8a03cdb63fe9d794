import type { GrandstandError, OperationName } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { type FormEvent, useState } from "react";
import type { Documents, OperationDocument } from "../../api/documents.js";
import { asError } from "../../api/useRead.js";
import { hrefOf } from "../../router.js";
import { Code } from "../../ui/Copy.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { Tabs } from "../../ui/Tabs.js";
import { curlOf, frameOf, sdkOf } from "./call-forms.js";
import { Fields } from "./Fields.js";

/** The DOM id of the text area with the input. */
export const EXPLORER_INPUT = "explorer-input";

interface TryProps {
  documents: Documents;
  operation: OperationDocument;
}

type Answer = { ms: number; output: unknown } | { ms: number; error: GrandstandError };

/** One operation: a form that calls it, its input and output fields, and the same call for curl, the SDK and a socket. */
export function Try({ documents, operation }: TryProps) {
  const client = useClient();
  const [text, setText] = useState(() => JSON.stringify(operation.example, null, 2));
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [isRunning, setRunning] = useState(false);
  const input = parsed(text);

  const call = async (event: FormEvent) => {
    event.preventDefault();
    setRunning(true);
    const startedAt = performance.now();
    const ms = () => Math.round(performance.now() - startedAt);
    try {
      const output = await client.call(operation.name as OperationName, input as never);
      setAnswer({ ms: ms(), output });
    } catch (failure) {
      setAnswer({ ms: ms(), error: asError(failure) });
    }
    setRunning(false);
  };

  return (
    <article className="try">
      <header>
        <a className="back explorer-back" href={hrefOf("explorer")}>
          All operations
        </a>
        <h2 className="mono">{operation.name}</h2>
        <p>{operation.summary}.</p>
        {operation.rest && (
          <p className="endpoint mono">
            <span className={`method is-${operation.rest.method.toLowerCase()}`}>
              {operation.rest.method}
            </span>{" "}
            {operation.rest.path}
          </p>
        )}
        {operation.access && <p className="bar-note">{operation.access.replaceAll("`", "")}</p>}
      </header>
      <form onSubmit={call}>
        <label className="field-label" htmlFor={EXPLORER_INPUT}>
          Input
        </label>
        <textarea
          id={EXPLORER_INPUT}
          className="mono"
          spellCheck={false}
          rows={Math.min(16, text.split("\n").length + 1)}
          value={text}
          aria-invalid={input === null}
          onChange={({ target }) => setText(target.value)}
        />
        {input === null && <span className="field-error">The input must be a JSON object</span>}
        <div className="form-actions">
          <button type="submit" className="button primary" disabled={isRunning || input === null}>
            {isRunning ? "Calling…" : "Call"}
          </button>
          {answer && (
            <span className="bar-note" role="status">
              {"error" in answer ? answer.error.code : "ok"} after {answer.ms} ms
            </span>
          )}
        </div>
      </form>
      {answer && "error" in answer && <ErrorNote error={answer.error} />}
      {answer && "error" in answer && answer.error.issues && (
        <Code text={JSON.stringify(answer.error.issues, null, 2)} label="The issues" />
      )}
      {answer && "output" in answer && (
        <Code text={JSON.stringify(answer.output, null, 2)} label="The output" />
      )}
      <Tabs
        label="The operation"
        tabs={[
          { name: "Fields", content: () => <Fields documents={documents} schema={operation.input} /> },
          { name: "Output", content: () => <Fields documents={documents} schema={operation.output} /> },
          ...(operation.rest
            ? [{ name: "curl", content: () => <Code text={curlOf(operation, input ?? {})} label="curl" /> }]
            : []),
          { name: "SDK", content: () => <Code text={sdkOf(operation, input ?? {})} label="SDK" /> },
          { name: "Frame", content: () => <Code text={frameOf(operation, input ?? {})} label="Frame" /> },
        ]}
      />
    </article>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
