import type { OutputOf } from "@grandstand/sdk";
import { useAction } from "../../api/useAction.js";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";

export type AppJobState = keyof OutputOf<"job.list">["counts"];

interface AppJobRowProps {
  queue: string;
  state: AppJobState;
  job: OutputOf<"job.list">["jobs"][number];
  onRetried: () => void;
  onRemove: (job: string) => void;
}

/** What the time of a job means in each state. */
const times: Record<AppJobState, string> = {
  failed: "failed",
  waiting: "due",
  taken: "lease ends",
  delayed: "due",
};

/** One job of the app, with its payload and why its last attempt failed. */
export function AppJobRow({ queue, state, job, onRetried, onRemove }: AppJobRowProps) {
  const { job: id, payload, user, attempt, attempts, at, reason } = job;
  const { run, isRunning, error } = useAction();
  const retry = async () => {
    if ((await run("job.retry", { queue, job: id }, "The job runs again")) !== null) onRetried();
  };
  return (
    <div className="row">
      <span className="row-name">{id}</span>
      <span className="row-tags">{user !== null && <a href={hrefOf("users", user)}>{user}</a>}</span>
      <span className="row-fact">
        attempt {attempt} of {attempts}
      </span>
      <span className="row-fact">
        {times[state]} <Ago at={at} />
      </span>
      <span className="row-end">
        {state === "failed" && (
          <button type="button" className="button small" disabled={isRunning} onClick={retry}>
            Retry<span className="visually-hidden"> {id}</span>
          </button>
        )}
        <button type="button" className="button small danger-line" onClick={() => onRemove(id)}>
          Remove<span className="visually-hidden"> {id}</span>
        </button>
      </span>
      {reason !== null && <p className="row-reason mono">{reason}</p>}
      <details className="row-payload">
        <summary>
          <span className="mono">{JSON.stringify(payload).slice(0, 120)}</span>
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
        <pre tabIndex={0}>{JSON.stringify(payload, null, 2)}</pre>
      </details>
      {error && <ErrorNote error={error} />}
    </div>
  );
}
