import type { GrandstandError } from "@grandstand/sdk";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type BulkReport, type BulkWork, doneOf, inWords, runBulk } from "../api/bulk.js";
import { asError } from "../api/useRead.js";
import { useAnnounce } from "./Announcer.js";
import { Confirm } from "./Confirm.js";
import { whole } from "./format.js";

interface BulkConfirmProps {
  title: string;
  /** What the action does to each item. */
  children: ReactNode;
  /** The words of the button. */
  action: string;
  /** The word for a changed item in the report, such as `retried`. */
  done: string;
  isDangerous?: boolean;
  count: number;
  work: BulkWork;
  onChanged: () => void;
  onClose: () => void;
}

/** Asks once before an action on many things, then shows its progress and its result. */
export function BulkConfirm({
  title,
  children,
  action,
  done,
  isDangerous = false,
  count,
  work,
  onChanged,
  onClose,
}: BulkConfirmProps) {
  const announce = useAnnounce();
  const [isRunning, setRunning] = useState(false);
  const [progress, setProgress] = useState<BulkReport | null>(null);
  const [isOver, setOver] = useState(false);
  const [error, setError] = useState<GrandstandError | null>(null);
  const controller = useRef<AbortController | null>(null);
  // The action stops when the operator closes the dialog or leaves the page.
  useEffect(() => () => controller.current?.abort(), []);

  const run = async () => {
    if (isOver) return onClose();
    const own = new AbortController();
    controller.current = own;
    setRunning(true);
    setError(null);
    try {
      const report = await runBulk(
        work,
        count,
        own.signal,
        (next) => !own.signal.aborted && setProgress(next),
      );
      onChanged();
      const isAsExpected = report.changed === report.all;
      if (isAsExpected || own.signal.aborted) announce(inWords(report, done));
      if (own.signal.aborted) return;
      if (isAsExpected) return onClose();
      setProgress(report);
      setOver(true);
    } catch (failure) {
      setError(asError(failure));
      onChanged();
    }
    setRunning(false);
  };
  return (
    <Confirm
      title={title}
      action={isOver ? "Done" : action}
      cancel={isOver ? null : isRunning ? "Stop" : "Cancel"}
      isDangerous={isDangerous && !isOver}
      isRunning={isRunning}
      error={error}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      {progress === null ? (
        children
      ) : (
        <>
          <progress aria-label={title} max={progress.all} value={doneOf(progress)} />
          <p role="status">{isOver && `${inWords(progress, done)}.`}</p>
          {!isOver && (
            <p className="figures">
              {whole(doneOf(progress))} of {whole(progress.all)}. It stops when you leave this page.
            </p>
          )}
        </>
      )}
    </Confirm>
  );
}
