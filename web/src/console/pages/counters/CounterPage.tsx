import { useCounter } from "@grandstand/sdk/react";
import { type FormEvent, useState } from "react";
import { useAction } from "../../api/useAction.js";
import { useRead } from "../../api/useRead.js";
import { go, hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { AreaChart } from "../../ui/AreaChart.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { clockTime, dayAndTime, dayOf, plural, whole } from "../../ui/format.js";
import { LiveWord } from "../../ui/LiveWord.js";
import { Rules } from "../../ui/Rules.js";
import { LoadingRows } from "../../ui/States.js";
import { Tabs } from "../../ui/Tabs.js";
import { useConfirm } from "../../ui/useConfirm.js";

const EVERY_MS = 15_000;
/** How a point in time is written on the axis of a series. */
const timesOf = { minute: clockTime, hour: dayAndTime, day: dayOf } as const;
const LAST = { minute: 60, hour: 48, day: 30 } as const;

export function CounterPage({ counter }: { counter: string }) {
  const live = useCounter(counter);
  const { data, error, isLoading, reload } = useRead("counter.get", { counter }, EVERY_MS);
  const [ask, dialog] = useConfirm();
  const reset = () =>
    ask({
      title: `Reset ${counter} to 0?`,
      text: <p>The value {whole(live.value)} is lost unless you note it. Its series stay.</p>,
      action: "Reset the counter",
      operation: "counter.reset",
      input: { counter },
      done: `Reset ${counter}`,
      onDone: reload,
    });
  const remove = () =>
    ask({
      title: `Delete the counter ${counter}?`,
      text: (
        <p>
          This deletes the value {whole(live.value)}, the rules and{" "}
          {plural(data!.series.length, "series", "series")}. It can't be undone.
        </p>
      ),
      action: "Delete the counter",
      operation: "counter.delete",
      input: { counter },
      done: `Deleted ${counter}`,
      onDone: () => go("counters"),
    });
  return (
    <>
      <PageHead
        title={counter}
        back={{ href: hrefOf("counters"), name: "Counters" }}
        lead={data && leadOf(data)}
      >
        <a className="button" href={hrefOf("inspector", `counter:${counter}`)}>
          Inspect
        </a>
        {data?.createdAt && (
          <button type="button" className="button danger-line" onClick={remove}>
            Delete
          </button>
        )}
      </PageHead>
      {dialog}
      <section className="counter-value" aria-label="Value">
        <output className={live.status === "loading" ? "figures is-unread" : "figures"}>
          {live.status === "loading" ? "–" : whole(live.value)}
        </output>
        <LiveWord status={live.status} />
        {data?.kind === "total" && <ChangeValue counter={counter} onChanged={reload} />}
        {data && (
          <button type="button" className="button" onClick={reset}>
            Reset to 0
          </button>
        )}
      </section>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {data && (
        <Tabs
          label={`Parts of ${counter}`}
          tabs={[
            {
              name: "Series",
              content: () =>
                data.series.length === 0 ? (
                  <p>The counter keeps no series. Choose intervals in its rules.</p>
                ) : (
                  <div className="activity">
                    {data.series.map((interval) => (
                      <Series key={interval} counter={counter} interval={interval} />
                    ))}
                  </div>
                ),
            },
            {
              name: "Rules",
              content: () => (
                <Rules
                  operation="counter.configure"
                  of={{ counter }}
                  rules={{ ...data, thresholds: data.thresholds.map(({ at }) => at) }}
                  onChanged={reload}
                />
              ),
            },
          ]}
        />
      )}
    </>
  );
}

function leadOf({ kind, add }: { kind: string; add: string }): string {
  if (kind === "unique") return "Distinct visitors";
  return add === "anyone" ? "A total that anyone adds to" : "A total that servers add to";
}

function ChangeValue({ counter, onChanged }: { counter: string; onChanged: () => void }) {
  const [text, setText] = useState("");
  const action = useAction();
  const number = Number(text);
  const isEmpty = text.trim() === "" || action.isRunning;
  const after = (output: object | null) => {
    if (output === null) return;
    setText("");
    onChanged();
  };
  const set = async (event: FormEvent) => {
    event.preventDefault();
    after(await action.run("counter.set", { counter, value: number }, `Set ${counter} to ${text}`));
  };
  const add = async () =>
    after(await action.run("counter.add", { counter, by: number }, `Added ${text} to ${counter}`));
  return (
    <form className="inline-form" onSubmit={set}>
      <input
        aria-label="Value or increment"
        placeholder="Value or increment"
        inputMode="numeric"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button" disabled={isEmpty}>
        Set
      </button>
      <button type="button" className="button" disabled={isEmpty} onClick={() => void add()}>
        Add
      </button>
      {action.error && <ErrorNote error={action.error} />}
    </form>
  );
}

function Series({ counter, interval }: { counter: string; interval: keyof typeof LAST }) {
  const { data, error, reload } = useRead(
    "counter.series",
    { counter, interval, last: LAST[interval] },
    EVERY_MS,
  );
  if (error) return <ErrorNote error={error} onRetry={reload} />;
  if (data === null) return <LoadingRows rows={2} />;
  const points = data.points.map(({ at, count }) => ({ at, value: count }));
  return (
    <AreaChart
      title={`By ${interval}`}
      points={points}
      format={whole}
      timeOf={timesOf[interval]}
      headline={{
        value: points.reduce((sum, { value }) => sum + value, 0),
        label: `in ${plural(LAST[interval], interval)}`,
      }}
      tone="live"
    />
  );
}
