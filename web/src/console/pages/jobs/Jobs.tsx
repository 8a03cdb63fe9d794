import { useEffect } from "react";
import { usePages } from "../../api/usePages.js";
import { useRead } from "../../api/useRead.js";
import { go } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { ReadOn } from "../../ui/ReadOn.js";
import { RowList } from "../../ui/RowList.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { Tabs } from "../../ui/Tabs.js";
import { AppQueues } from "./AppQueues.js";
import { JobRow, type JobState } from "./JobRow.js";
import { NewJob } from "./NewJob.js";
import { Queues } from "./Queues.js";
import { RetryUpkeep } from "./RetryUpkeep.js";
import { Schedules } from "./Schedules.js";

const EVERY_MS = 5_000;
const states: { state: JobState; name: string; empty: string }[] = [
  { state: "failed", name: "Failed", empty: "No job failed for good." },
  { state: "waiting", name: "Waiting", empty: "No job waits for a free node." },
  { state: "active", name: "Running", empty: "No job runs at this moment." },
  { state: "delayed", name: "Due later", empty: "No job is due later." },
];

/** What runs in the background: the app's queues, Grandstand's queues, the schedules, and the upkeep jobs. */
export default function Jobs() {
  const { data, error, isLoading, reload } = useRead("admin.jobs", { limit: 1 }, EVERY_MS);
  const upkeep = data?.queues[0];
  const failed = upkeep?.failed ?? 0;
  return (
    <>
      <PageHead title="Jobs" lead="Your app’s own jobs, and what Grandstand does in the background">
        <NewJob queue={null} onAdded={(queue) => go("jobs", queue)} />
      </PageHead>
      <AppQueues />
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {data && upkeep && (
        <>
          <div className="two-columns jobs-summary">
            <Queues queues={data.queues} />
            <Schedules schedules={data.schedules} />
          </div>
          <div className="bar">
            <h2>Upkeep</h2>
            <span className="bar-note">Ends of seasons and erasures of users</span>
            <RetryUpkeep count={failed} onChanged={reload} />
          </div>
          <Tabs
            label="Jobs of upkeep by state"
            tabs={states.map(({ state, name, empty }) => ({
              id: state,
              name: `${name} (${upkeep[state]})`,
              content: () => <List state={state} count={upkeep[state]} empty={empty} onChanged={reload} />,
            }))}
          />
        </>
      )}
    </>
  );
}

interface ListProps {
  state: JobState;
  /** The number of jobs in this state. When it changes, the list is read again. */
  count: number;
  empty: string;
  onChanged: () => void;
}

function List({ state, count, empty, onChanged }: ListProps) {
  const { items, error, isLoading, hasMore, loadMore, reload } = usePages(
    "admin.jobs",
    { state, limit: 50 },
    ({ jobs }) => jobs,
    ({ id }) => id,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new count reads the list again
  useEffect(reload, [count, reload]);
  return (
    <>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && items.length === 0 && <LoadingRows />}
      {!isLoading && !error && items.length === 0 && <Empty title={empty} />}
      <RowList
        items={items}
        idOf={({ id }) => id}
        hasMore={hasMore}
        row={(job) => <JobRow job={job} onRetried={onChanged} />}
      />
      <ReadOn hasMore={hasMore} isLoading={isLoading} error={error} loadMore={loadMore} />
    </>
  );
}
