import { useClient } from "@grandstand/sdk/react";
import { useState } from "react";
import { idPages } from "../../api/id-pages.js";
import { BulkConfirm } from "../../ui/BulkConfirm.js";
import { plural } from "../../ui/format.js";

/** The most jobs that one call retries. */
const RETRIES_PER_CALL = 100;

/** A button that retries all failed upkeep jobs, once the operator has confirmed it. @param count the number of failed jobs */
export function RetryUpkeep({ count, onChanged }: { count: number; onChanged: () => void }) {
  const client = useClient();
  const [asked, setAsked] = useState<number | null>(null);
  const input = { state: "failed", limit: RETRIES_PER_CALL } as const;
  return (
    <>
      {count > 0 && (
        <button type="button" className="button" onClick={() => setAsked(count)}>
          Retry all failed
        </button>
      )}
      {asked !== null && (
        <BulkConfirm
          title={`Retry ${plural(asked, "failed job")}?`}
          action="Retry them"
          done="retried"
          count={asked}
          work={{
            pages: () => idPages(client, "admin.jobs", input, ({ jobs }) => jobs.map(({ id }) => id)),
            perCall: RETRIES_PER_CALL,
            change: async (jobs) => (await client.call("admin.retryJobs", { jobs: [...jobs] })).retried,
          }}
          onChanged={onChanged}
          onClose={() => setAsked(null)}
        >
          <p>
            Each runs again at once, with all its attempts. Retrying a job whose work is already done changes
            nothing.
          </p>
        </BulkConfirm>
      )}
    </>
  );
}
