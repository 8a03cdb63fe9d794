import type { Client } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useState } from "react";
import { BulkConfirm } from "../../ui/BulkConfirm.js";
import { plural } from "../../ui/format.js";
import { JOBS_PER_CALL } from "./jobs-per-call.js";

interface AllFailedProps {
  queue: string;
  /** The number of failed jobs. */
  count: number;
  onChanged: () => void;
}

/** Buttons that retry or remove all failed jobs of a queue, once the operator confirms. */
export function AllFailed({ queue, count, onChanged }: AllFailedProps) {
  const client = useClient();
  const [asked, setAsked] = useState<{ action: "retry" | "remove"; count: number } | null>(null);
  const isRemoval = asked?.action === "remove";
  const change = async ([job]: readonly string[], idempotencyKey: string) => {
    const input = { queue, job: job!, idempotencyKey };
    const isChanged = isRemoval
      ? (await client.call("job.remove", input)).removed
      : (await client.call("job.retry", input)).retried;
    return Number(isChanged);
  };
  return (
    <>
      {count > 0 && (
        <>
          <button type="button" className="button" onClick={() => setAsked({ action: "retry", count })}>
            Retry all failed
          </button>
          <button
            type="button"
            className="button danger-line"
            onClick={() => setAsked({ action: "remove", count })}
          >
            Remove all failed
          </button>
        </>
      )}
      {asked && (
        <BulkConfirm
          title={`${isRemoval ? "Remove" : "Retry"} ${plural(asked.count, "failed job")}?`}
          action={isRemoval ? "Remove them" : "Retry them"}
          done={isRemoval ? "removed" : "retried"}
          isDangerous={isRemoval}
          count={asked.count}
          work={{ pages: () => failedJobs(client, queue), perCall: 1, change }}
          onChanged={onChanged}
          onClose={() => setAsked(null)}
        >
          <p>
            {isRemoval
              ? "The jobs and their payloads are deleted. It can't be undone."
              : "Each is due at once, with all its attempts."}
          </p>
        </BulkConfirm>
      )}
    </>
  );
}

async function* failedJobs(client: Client, queue: string) {
  for (let offset = 0; ; offset += JOBS_PER_CALL) {
    const { jobs } = await client.call("job.list", { queue, state: "failed", offset, limit: JOBS_PER_CALL });
    if (jobs.length === 0) return;
    yield jobs.map(({ job }) => job);
  }
}
