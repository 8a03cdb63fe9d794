import type { Client, GrandstandError } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useState } from "react";
import { asError } from "../../api/useRead.js";
import { useAnnounce } from "../../ui/Announcer.js";
import { Confirm } from "../../ui/Confirm.js";
import { plural } from "../../ui/format.js";
import { JOBS_PER_CALL } from "./jobs-per-call.js";

type Deed = "retry" | "remove";

interface AllFailedProps {
  queue: string;
  count: number;
  onChanged: () => void;
}

/** Buttons that retry or remove all failed jobs of a queue, after a question. */
export function AllFailed({ queue, count, onChanged }: AllFailedProps) {
  const client = useClient();
  const announce = useAnnounce();
  const [asked, setAsked] = useState<{ deed: Deed; count: number } | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<GrandstandError | null>(null);
  const close = () => {
    setAsked(null);
    setError(null);
  };
  const run = async ({ deed, count: all }: NonNullable<typeof asked>) => {
    setRunning(true);
    setError(null);
    try {
      await forEachFailed(client, queue, all, deed);
      announce(deed === "retry" ? "The failed jobs run again" : "Removed the failed jobs");
      close();
    } catch (failure) {
      setError(asError(failure));
    }
    setRunning(false);
    onChanged();
  };
  return (
    <>
      <button type="button" className="button" onClick={() => setAsked({ deed: "retry", count })}>
        Retry all failed
      </button>
      <button
        type="button"
        className="button danger-line"
        onClick={() => setAsked({ deed: "remove", count })}
      >
        Remove all failed
      </button>
      {asked && (
        <Confirm
          title={`${asked.deed === "retry" ? "Retry" : "Remove"} ${plural(asked.count, "failed job")}?`}
          action={asked.deed === "retry" ? "Retry them" : "Remove them"}
          isDangerous={asked.deed === "remove"}
          isRunning={isRunning}
          error={error}
          onConfirm={() => void run(asked)}
          onClose={close}
        >
          <p>
            {asked.deed === "retry"
              ? "Each is due at once, with all its attempts."
              : "The jobs and their payloads are deleted. It can't be undone."}
          </p>
        </Confirm>
      )}
    </>
  );
}

/** @param count how many there are: those that fail again meanwhile are left */
async function forEachFailed(client: Client, queue: string, count: number, deed: Deed): Promise<void> {
  for (let left = count; left > 0; ) {
    const limit = Math.min(JOBS_PER_CALL, left);
    const { jobs } = await client.call("job.list", { queue, state: "failed", limit });
    if (jobs.length === 0) return;
    await Promise.all(jobs.map(({ job }) => client.call(`job.${deed}`, { queue, job })));
    left -= jobs.length;
  }
}
