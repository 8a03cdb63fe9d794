import { Panel } from "../../../shell/Panel.js";
import { useSearch } from "../../api/useSearch.js";
import { hrefOf } from "../../router.js";
import { plural, whole } from "../../ui/format.js";
import { SearchList } from "../../ui/SearchList.js";

/** The app's own queues that have jobs. */
export function AppQueues() {
  const search = useSearch(
    "job.queues",
    ({ queues }) => queues,
    ({ queue }) => queue,
  );
  const byId = search.pages.items.toSorted((one, other) => (one.queue < other.queue ? -1 : 1));
  return (
    <Panel title="Queues of your app">
      <SearchList
        page="jobs"
        thing="queue"
        {...search}
        pages={{ ...search.pages, items: byId }}
        empty={{ title: "No queue has a job.", text: "Your servers add jobs with job.add." }}
        row={({ queue, counts: { waiting, delayed, taken, failed } }) => (
          <a className="row" href={hrefOf("jobs", queue)}>
            <span className="row-name">{queue}</span>
            <span className="row-tags">
              {taken > 0 && <span className="tag is-live">{whole(taken)} running</span>}
              {failed > 0 && <span className="tag is-bad">{whole(failed)} failed</span>}
            </span>
            <span className="row-fact">{delayed > 0 && `${whole(delayed)} due later`}</span>
            <span className="row-number figures">{plural(waiting, "waiting", "waiting")}</span>
          </a>
        )}
      />
    </Panel>
  );
}
