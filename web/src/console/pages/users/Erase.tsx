import type { OutputOf } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useEffect, useRef, useState } from "react";
import { randomKey } from "../../../random-key.js";
import { useAction } from "../../api/useAction.js";
import { Confirm } from "../../ui/Confirm.js";
import { whole } from "../../ui/format.js";

type Report = OutputOf<"user.erase">;

const PROGRESS_MS = 1_500;

/** Erases a user after one question, and shows what was removed where. */
export function Erase({ user }: { user: string }) {
  const [isOpen, setOpen] = useState(false);
  const [report, setReport] = useState<Report | null>(null);
  const client = useClient();
  const action = useAction();
  // A repeat with the same key reads the progress of the same erasure.
  const key = useRef(randomKey());
  const input = { user, idempotencyKey: key.current };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the input never changes
  useEffect(() => {
    if (report?.status !== "running") return;
    const timer = setTimeout(() => {
      client.call("user.erase", input).then(setReport, () => setReport({ ...report }));
    }, PROGRESS_MS);
    return () => clearTimeout(timer);
  }, [client, report]);

  const erase = async () => {
    if (report !== null) return setOpen(false);
    const output = await action.run("user.erase", input, `Erasing ${user}`);
    if (output !== null) setReport(output);
  };
  const removed = Object.entries(report?.removed ?? {}).flatMap(([domain, kinds]) =>
    Object.entries(kinds)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => ({ domain, kind, count })),
  );
  return (
    <>
      <button type="button" className="button danger-line" onClick={() => setOpen(true)}>
        Erase
      </button>
      {isOpen && (
        <Confirm
          title={
            report === null
              ? `Erase ${user}?`
              : report.status === "running"
                ? `Erasing ${user}`
                : `Erased ${user}`
          }
          action={report === null ? `Erase ${user}` : "Done"}
          isDangerous={report === null}
          isRunning={action.isRunning || report?.status === "running"}
          error={action.error}
          onConfirm={erase}
          onClose={() => setOpen(false)}
        >
          {report === null ? (
            <>
              <p>
                This removes everything that is stored about this user: entries of every board with closed
                seasons, messages, reactions, memberships, read marks, presence, notices and sessions.
              </p>
              <p>
                Closed seasons keep an entry without id, name and metadata, so that ranks stay. It can't be
                undone.
              </p>
            </>
          ) : (
            <>
              <p role="status">
                {report.status === "running" ? "Still at work…" : "Done. This was removed:"}
              </p>
              {report.status === "done" && removed.length === 0 && <p>Nothing was stored about this user.</p>}
              <dl className="facts figures">
                {removed.map(({ domain, kind, count }) => (
                  <div key={`${domain} ${kind}`}>
                    <dt>
                      {domain} {kind}
                    </dt>
                    <dd>{whole(count)}</dd>
                  </div>
                ))}
              </dl>
            </>
          )}
        </Confirm>
      )}
    </>
  );
}
