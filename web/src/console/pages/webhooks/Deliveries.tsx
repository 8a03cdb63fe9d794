import type { OutputOf } from "@grandstand/sdk";
import { useEffect } from "react";
import { useAction } from "../../api/useAction.js";
import { usePages } from "../../api/usePages.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural } from "../../ui/format.js";
import { ReadOn } from "../../ui/ReadOn.js";
import { RowList } from "../../ui/RowList.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { ReplayAll } from "./ReplayAll.js";

type Delivery = OutputOf<"webhook.deliveries">["deliveries"][number];

const empty: Record<Delivery["state"], string> = {
  dead: "No delivery was given up within the last week.",
  pending: "No delivery is pending.",
  delivered: "Nothing was delivered within the last day.",
};

interface DeliveriesProps {
  webhook: string;
  state: Delivery["state"];
  /** The number of deliveries in this state. When the number changes, the list is read again. */
  count: number;
  onChanged: () => void;
}

/** The deliveries of a webhook in one state, newest first. */
export function Deliveries({ webhook, state, count, onChanged }: DeliveriesProps) {
  const { items, error, isLoading, hasMore, loadMore, reload } = usePages(
    "webhook.deliveries",
    { webhook, state, limit: 50 },
    ({ deliveries }) => deliveries,
    ({ id }) => id,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is read again when the count changes
  useEffect(reload, [count, reload]);
  return (
    <>
      {state === "dead" && <ReplayAll webhook={webhook} count={count} onChanged={onChanged} />}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && items.length === 0 && <LoadingRows />}
      {!isLoading && !error && items.length === 0 && <Empty title={empty[state]} />}
      <RowList
        items={items}
        idOf={({ id }) => id}
        hasMore={hasMore}
        row={(delivery) => <DeliveryRow webhook={webhook} delivery={delivery} onReplayed={onChanged} />}
      />
      <ReadOn hasMore={hasMore} isLoading={isLoading} error={error} loadMore={loadMore} />
    </>
  );
}

interface DeliveryRowProps {
  webhook: string;
  delivery: Delivery;
  onReplayed: () => void;
}

function DeliveryRow({ webhook, delivery, onReplayed }: DeliveryRowProps) {
  const { id, event, subject, state, attempts, occurredAt, nextAttemptAt, finishedAt, reason } = delivery;
  const { run, isRunning, error } = useAction();
  const replay = async () => {
    const output = await run("webhook.replay", { webhook, deliveries: [id] }, "It is delivered again");
    if (output !== null) onReplayed();
  };
  return (
    <div className="row">
      <span className="row-name">{event}</span>
      <span className="row-tags">
        <span className="tag mono">{subject}</span>
      </span>
      <span className="row-fact">{plural(attempts, "attempt")}</span>
      <span className="row-fact">
        {state === "pending" && nextAttemptAt !== null ? (
          <>
            next <Ago at={nextAttemptAt} />
          </>
        ) : (
          <>
            {state === "dead" ? "given up" : "delivered"} <Ago at={finishedAt ?? occurredAt} />
          </>
        )}
      </span>
      <span className="row-end">
        {state !== "pending" && (
          <button type="button" className="button small" disabled={isRunning} onClick={replay}>
            Replay<span className="visually-hidden"> {id}</span>
          </button>
        )}
      </span>
      <p className="row-note mono">{id}</p>
      {reason !== null && <p className="row-reason mono">{reason}</p>}
      {error && <ErrorNote error={error} />}
    </div>
  );
}
