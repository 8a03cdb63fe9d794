import type { GrandstandError, OutputOf } from "@grandstand/sdk";

import { useClient } from "@grandstand/sdk/react";
import { useEffect, useState } from "react";
import { useAction } from "../../api/useAction.js";
import { asError } from "../../api/useRead.js";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { exactTime, plural } from "../../ui/format.js";
import { Empty, LoadingRows } from "../../ui/States.js";

type Page = OutputOf<"admin.trace">;
type TraceRecord = Page["records"][number];

const EVERY_MS = 1_000;
const KEPT = 500;
const LIMIT = 200;

const words: Record<TraceRecord["kind"], string> = {
  published: "published",
  handed: "handed to",
  subscribed: "subscribed",
  paused: "paused: the client reads too slowly",
  resynced: "told to resync",
  ended: "subscription ended by the server",
  left: "subscription ended",
};

const transports: Record<TraceRecord["receivers"][number]["transport"], string> = {
  websocket: "WebSocket",
  socketio: "Socket.IO",
  sse: "SSE",
};

/** The last records of a trace, newest first. New ones are read while the trace runs. */
export function TraceRecords({ trace }: { trace: string }) {
  const client = useClient();
  const [records, setRecords] = useState<readonly TraceRecord[] | null>(null);
  const [endsAt, setEndsAt] = useState<string | null>(null);
  const [error, setError] = useState<GrandstandError | null>(null);
  const end = useAction();

  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (cursor: string | null) => {
      let next = cursor;
      let isOver = false;
      try {
        const page = await client.call("admin.trace", {
          trace,
          limit: LIMIT,
          ...(cursor !== null && { cursor }),
        });
        if (isGone) return;
        next = page.nextCursor;
        setRecords((before) =>
          [...page.records.toReversed(), ...(before ?? [])]
            // Each node writes its records in batches, so the records of two nodes arrive out of order.
            .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))
            .slice(0, KEPT),
        );
        setEndsAt(page.endsAt);
        setError(null);
        isOver = page.endsAt === null && page.records.length === 0;
      } catch (failure) {
        if (isGone) return;
        setError(asError(failure));
        isOver = asError(failure).code === "not_found";
      }
      if (!isOver) timer = setTimeout(() => void read(next), EVERY_MS);
    };
    void read(null);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [client, trace]);

  return (
    <section aria-label="Records of the trace">
      <div className="bar">
        {records !== null && (
          <span className={endsAt === null ? "tag" : "tag is-live"}>
            {endsAt === null ? (
              "over"
            ) : (
              <span>
                runs, ends <Ago at={endsAt} />
              </span>
            )}
          </span>
        )}
        <span className="bar-note">
          {plural(records?.length ?? 0, "record")}
          {records?.length === KEPT && ", the last ones are shown"}
        </span>
        {endsAt !== null && (
          <button
            type="button"
            className="button small"
            disabled={end.isRunning}
            onClick={() => void end.run("admin.endTrace", { trace }, "Ended the trace")}
          >
            End now
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} />}
      {end.error && <ErrorNote error={end.error} />}
      {records === null && !error && <LoadingRows />}
      {records?.length === 0 && (
        <Empty title="Nothing happened yet.">
          The user’s next message, subscription or received publication in the room appears here.
        </Empty>
      )}
      <ol className="rows trace-records">
        {records?.map((record) => (
          <li key={record.id}>
            <Row record={record} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Row({ record }: { record: TraceRecord }) {
  const { at, nodeId, kind, detail, first, last, receivers, receiverCount, droppedBefore } = record;
  return (
    <div className="row trace-row">
      <time className="figures" dateTime={at}>
        {exactTime(at)}
      </time>
      <span className="row-name">
        {words[kind]}
        {kind === "handed" && ` ${plural(receiverCount, "connection")}`}
      </span>
      <span className="mono">
        {last === null
          ? ""
          : first === null || first === last
            ? `offset ${last}`
            : `offsets ${first}–${last}`}
      </span>
      <span className="row-fact">{detail}</span>
      <span className="row-fact mono" title={nodeId}>
        node {nodeId.slice(0, 8)}
      </span>
      {receivers.length > 0 && (
        <ul className="trace-receivers">
          {receivers.map(({ connectionId, user, transport }) => (
            <li key={connectionId} className="tag">
              {user === null ? "an API key" : <a href={hrefOf("users", user)}>{user}</a>}
              <span className="mono">{connectionId.slice(0, 8)}</span> {transports[transport]}
            </li>
          ))}
          {receiverCount > receivers.length && (
            <li className="tag">and {receiverCount - receivers.length} more</li>
          )}
        </ul>
      )}
      {droppedBefore > 0 && (
        <p className="row-reason">{plural(droppedBefore, "record")} before this one were dropped.</p>
      )}
    </div>
  );
}
