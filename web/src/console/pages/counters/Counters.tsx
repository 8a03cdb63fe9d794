import { useSearch } from "../../api/useSearch.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { whole } from "../../ui/format.js";
import { SearchList } from "../../ui/SearchList.js";
import { NewThing } from "../NewThing.js";

export function Counters() {
  const search = useSearch(
    "counter.list",
    ({ counters }) => counters,
    ({ counter }) => counter,
  );
  return (
    <>
      <PageHead title="Counters" lead="Totals and distinct visitors, with their series">
        <NewThing thing="counter" operation="counter.configure" page="counters" />
      </PageHead>
      <SearchList
        page="counters"
        thing="counter"
        {...search}
        empty={{ title: "There is no counter yet.", text: "The first add or visit creates one." }}
        row={({ counter, kind, add, series, value }) => (
          <a className="row" href={hrefOf("counters", counter)}>
            <span className="row-name">{counter}</span>
            <span className="row-tags">
              <span className="tag">{kind}</span>
              {series.map((interval) => (
                <span key={interval} className="tag">
                  by {interval}
                </span>
              ))}
            </span>
            <span className="row-fact">{add === "anyone" ? "anyone adds" : "servers add"}</span>
            <span className="row-number figures">{whole(value)}</span>
          </a>
        )}
      />
    </>
  );
}
