import type { OutputOf } from "@grandstand/sdk";
import { useState } from "react";
import { useAction } from "../../api/useAction.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { Sheet } from "../../ui/Sheet.js";

/** Sends the event `webhook.test` once, and shows what the receiver answered. */
export function TestButton({ webhook }: { webhook: string }) {
  const { run, isRunning, error, clear } = useAction();
  const [result, setResult] = useState<OutputOf<"webhook.test"> | null>(null);
  const test = async () => setResult(await run("webhook.test", { webhook }, "Sent a test"));
  const close = () => {
    setResult(null);
    clear();
  };
  return (
    <>
      <button type="button" className="button" disabled={isRunning} onClick={test}>
        {isRunning ? "Sending…" : "Send a test"}
      </button>
      {(result || error) && (
        <Sheet title={result?.delivered ? "The receiver took the test" : "The test failed"} onClose={close}>
          {error && <ErrorNote error={error} />}
          {result && (
            <p>
              {result.status === null ? "No answer" : `Status ${result.status}`} after {result.durationMs} ms
              {result.reason !== null && `: ${result.reason}`}.
            </p>
          )}
          <div className="form-actions">
            <button type="button" className="button primary" onClick={close}>
              Done
            </button>
          </div>
        </Sheet>
      )}
    </>
  );
}
