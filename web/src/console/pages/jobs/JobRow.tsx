import type { OutputOf } from "@grandstand/sdk";
import { useAction } from "../../api/useAction.js";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural } from "../../ui/format.js";

type Job = OutputOf<"admin.jobs">["jobs"][number];
export type JobState = Job["state"];

/** The kinds of jobs by name: what the job does, and the console page of its subject. */
const kinds: Record<string, { name: string; page?: string }> = {
  close: { name: "Close a season", page: "boards" },
  review: { name: "Schedule the ends of seasons" },
  erase: { name: "Erase a user", page: "users" },
};

export function nameOfJob(name: string): string {
  return kinds[name]?.name ?? name;
}

/** One job, why it failed, and a button that retries it. */
export function JobRow({ job, onRetried }: { job: Job; onRetried: () => void }) {
  const { id, name, subject, window, state, attempts, addedAt, dueAt, finishedAt, reason } = job;
  const { run, isRunning, error } = useAction();
  const page = kinds[name]?.page;
  const retry = async () => {
    if ((await run("admin.retryJobs", { jobs: [id] }, "The job runs again")) !== null) onRetried();
  };
  return (
    <div className="row">
      <span className="row-name">{nameOfJob(name)}</span>
      <span className="row-tags">
        {subject !== null && (page ? <a href={hrefOf(page, subject)}>{subject}</a> : subject)}
        {window !== null && <span className="tag">{window}</span>}
      </span>
      <span className="row-fact">{attempts > 0 && plural(attempts, "attempt")}</span>
      <span className="row-fact">
        {finishedAt !== null ? "failed " : dueAt !== null ? "due " : "added "}
        <Ago at={finishedAt ?? dueAt ?? addedAt} />
      </span>
      <span className="row-end">
        {state === "failed" && (
          <button type="button" className="button small" disabled={isRunning} onClick={retry}>
            Retry
            <span className="visually-hidden">
              {" "}
              {nameOfJob(name)} {subject}
            </span>
          </button>
        )}
      </span>
      {reason !== null && <p className="row-reason mono">{reason}</p>}
      {error && <ErrorNote error={error} />}
    </div>
  );
}
