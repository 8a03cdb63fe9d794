import { useState } from "react";
import { useRead } from "../../api/useRead.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural, whole } from "../../ui/format.js";
import { RowList } from "../../ui/RowList.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { Tabs } from "../../ui/Tabs.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { AllFailed } from "./AllFailed.js";
import { AppJobRow, type AppJobState } from "./AppJobRow.js";
import { JOBS_PER_CALL } from "./jobs-per-call.js";
import { NewJob } from "./NewJob.js";

const EVERY_MS = 5_000;

const states: { state: AppJobState; name: string; empty: string }[] = [
  { state: "failed", name: "Failed", empty: "No job failed for good." },
  { state: "waiting", name: "Waiting", empty: "No job waits for a worker." },
  { state: "taken", name: "Running", empty: "No worker has a job at this moment." },
  { state: "delayed", name: "Due later", empty: "No job is due later." },
];

/** One queue of the app: its jobs by state, why they failed, and what an operator can do about it. */
export default function QueuePage({ queue }: { queue: string }) {
  const { data, error, isLoading, reload } = useRead("job.list", { queue, limit: 1 }, EVERY_MS);
  const counts = data?.counts;
  return (
    <>
      <PageHead
        title={queue}
        back={{ href: hrefOf("jobs"), name: "Jobs" }}
        lead={counts && `${whole(counts.waiting)} waiting, ${whole(counts.taken)} with workers`}
      >
        {counts && <AllFailed queue={queue} count={counts.failed} onChanged={reload} />}
        <NewJob queue={queue} onAdded={reload} />
      </PageHead>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {counts && (
        <Tabs
          label={`Jobs of ${queue} by state`}
          tabs={states.map(({ state, name, empty }) => ({
            id: state,
            name: `${name} (${whole(counts[state])})`,
            content: () => <List queue={queue} state={state} empty={empty} onChanged={reload} />,
          }))}
        />
      )}
    </>
  );
}

interface ListProps {
  queue: string;
  state: AppJobState;
  empty: string;
  onChanged: () => void;
}

function List({ queue, state, empty, onChanged }: ListProps) {
  const [offset, setOffset] = useState(0);
  const { data, error, isLoading, reload } = useRead(
    "job.list",
    { queue, state, offset, limit: JOBS_PER_CALL },
    EVERY_MS,
  );
  const [ask, dialog] = useConfirm();
  const changed = () => {
    reload();
    onChanged();
  };
  const remove = (job: string) =>
    ask({
      title: `Remove the job ${job}?`,
      text: (
        <p>
          {state === "taken"
            ? "A worker has this job. It is told to stop when it next extends its lease, and the job is not tried again."
            : "The job and its payload are deleted, and it is never carried out. It can't be undone."}
        </p>
      ),
      action: "Remove the job",
      operation: "job.remove",
      input: { queue, job },
      done: `Removed ${job}`,
      onDone: changed,
    });
  const total = data?.counts[state] ?? 0;
  return (
    <>
      {dialog}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {data?.jobs.length === 0 && offset === 0 && <Empty title={empty} />}
      {data && (
        <RowList
          items={data.jobs}
          idOf={({ job }) => job}
          hasMore={total > JOBS_PER_CALL}
          row={(job) => (
            <AppJobRow queue={queue} state={state} job={job} onRetried={changed} onRemove={remove} />
          )}
        />
      )}
      {(offset > 0 || total > JOBS_PER_CALL) && (
        <nav className="bar" aria-label="Pages of jobs">
          <button
            type="button"
            className="button small"
            disabled={offset === 0}
            onClick={() => setOffset(offset - JOBS_PER_CALL)}
          >
            Back
          </button>
          <button
            type="button"
            className="button small"
            disabled={offset + JOBS_PER_CALL >= total}
            onClick={() => setOffset(offset + JOBS_PER_CALL)}
          >
            Further
          </button>
          <span className="bar-note figures">
            {whole(offset + 1)} to {whole(offset + (data?.jobs.length ?? 0))} of {plural(total, "job")}
          </span>
        </nav>
      )}
    </>
  );
}
