import type { Position, Publication } from "@grandstand/shared/channels";
import type { TraceRecord } from "@grandstand/shared/operations/admin";
import type { Connection } from "../../core/connection.js";
import { toIsoTime } from "../../core/iso-time.js";
import type { ChannelTrace, HandedFrom } from "../../live/channel-traces.js";

/** A record before it has an id. */
export type NewRecord = Omit<TraceRecord, "id">;

/** How many records may wait for the next write. Further records are dropped and counted. */
const MAX_WAITING = 500;
const MAX_RECEIVERS = 100;
const WRITE_MS = 100;

/**
 * Records one trace on this node: what happens to one user in one room. Records wait in memory for up to 100
 * ms and are written together. A push makes at most one record, however many connections receive it.
 */
export class TraceRecorder implements ChannelTrace {
  readonly #nodeId: string;
  readonly #user: string;
  readonly #write: (records: readonly NewRecord[]) => Promise<void>;
  #waiting: NewRecord[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param write stores records; it never rejects */
  constructor(nodeId: string, user: string, write: (records: readonly NewRecord[]) => Promise<void>) {
    this.#nodeId = nodeId;
    this.#user = user;
    this.#write = write;
  }

  published(operation: string, offset: number, user: string, connection: Connection | null): void {
    if (user !== this.#user) return;
    this.#add(
      { kind: "published", detail: operation, first: offset, last: offset },
      connection ? [connection] : [],
    );
  }

  subscribed(connection: Connection, outcome: string, { offset }: Position): void {
    if (userOf(connection) !== this.#user) return;
    this.#add({ kind: "subscribed", detail: outcome, first: null, last: offset }, [connection]);
  }

  handed(connections: Iterable<Connection>, publications: readonly Publication[], from: HandedFrom): void {
    const isOfUser = publications.some(({ data }) => authorOf(data) === this.#user);
    const receivers = [...connections].filter((one) => isOfUser || userOf(one) === this.#user);
    if (receivers.length === 0) return;
    const [first] = publications;
    const { event, data } = first!;
    const range = { first: first!.offset, last: publications.at(-1)!.offset };
    if (event === "channel.resync") {
      this.#add({ kind: "resynced", detail: (data as { reason: string }).reason, ...range }, receivers);
    } else if (event === "channel.ended") {
      this.#add({ kind: "ended", detail: (data as { code: string }).code, ...range }, receivers);
    } else {
      const events = [...new Set(publications.map((one) => one.event))].join(", ");
      this.#add(
        { kind: "handed", detail: from === "push" ? events : `${events}, with the ${from}`, ...range },
        receivers,
      );
    }
  }

  paused(connection: Connection): void {
    if (userOf(connection) !== this.#user) return;
    this.#add({ kind: "paused", detail: null, first: null, last: null }, [connection]);
  }

  left(connection: Connection): void {
    if (userOf(connection) !== this.#user) return;
    this.#add({ kind: "left", detail: connection.closedBy, first: null, last: null }, [connection]);
  }

  /** Writes the waiting records. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const records = this.#waiting;
    this.#waiting = [];
    if (records.length > 0) await this.#write(records);
  }

  #add(what: Pick<NewRecord, "kind" | "detail" | "first" | "last">, receivers: Connection[]): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push({
      at: toIsoTime(Date.now()),
      nodeId: this.#nodeId,
      ...what,
      receiverCount: receivers.length,
      receivers: receivers.slice(0, MAX_RECEIVERS).map((one) => ({
        connectionId: one.id,
        user: userOf(one),
        transport: one.transport,
      })),
      droppedBefore: this.#dropped,
    });
    this.#dropped = 0;
    this.#timer ??= setTimeout(() => void this.close(), WRITE_MS);
  }
}

function userOf({ caller }: Connection): string | null {
  return caller.kind === "user" ? caller.user.id : null;
}

/** The user whom a publication names: the one who sent, reacted or deleted. An edit names no user. */
function authorOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "user" in data ? data.user : undefined;
}
