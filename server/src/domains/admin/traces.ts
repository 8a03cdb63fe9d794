import { randomBytes } from "node:crypto";
import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { TraceRecord } from "@grandstand/shared/operations/admin";
import { toIsoTime } from "../../core/iso-time.js";
import type { ChannelTrace, ChannelTraces } from "../../live/channel-traces.js";
import { namedReply, runScript } from "../../redis/scripts.js";
import type { TopicListener } from "../../redis/topics.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { Erased } from "../shared/erasure.js";
import { pageAt } from "../shared/redis-cursor.js";
import {
  beginTraceScript,
  endTraceScript,
  eraseTraceScript,
  readTracesScript,
  recordTraceScript,
  refuseErasedScript,
} from "./scripts.js";
import { type NewRecord, TraceRecorder } from "./trace-recorder.js";

/** How long the records of a trace are kept, counted from its beginning. */
const KEPT_MS = 2 * 3_600_000;
const MAX_RECORDS = 5_000;
/** How many records an erasure reads at a time. */
const ERASED_AT_ONCE = 500;
/**
 * For how long after an erasure Redis drops new records that name the erased user. Nodes may still have such records in
 * memory. Each node writes or drops these records long before this time ends.
 */
const WAITING_MS = 60_000;

type Stores = Pick<DomainDependencies, "redis" | "keys" | "log" | "publishCommand">;

interface StoredTrace {
  room: string;
  user: string;
  endsAtMs: number;
}

interface RunningTrace {
  channel: string;
  recorder: TraceRecorder;
  timer: NodeJS.Timeout;
}

/**
 * The traces that operators have begun. While a trace runs, this node records what happens to the trace's user in the
 * trace's room.
 */
export class Traces implements ChannelTraces, TopicListener {
  readonly #stores: Stores;
  readonly #nodeId: string;
  readonly #running = new Map<string, RunningTrace>();
  #byChannel: ReadonlyMap<string, ChannelTrace> = new Map();
  readonly #reload: CoalescedTask;

  constructor(stores: Stores, nodeId: string) {
    this.#stores = stores;
    this.#nodeId = nodeId;
    this.#reload = new CoalescedTask(
      () => this.load(),
      (error) => stores.log.debug({ err: error }, "reading the traces failed"),
    );
  }

  of(channel: string): ChannelTrace | undefined {
    return this.#byChannel.get(channel);
  }

  async begin({
    room,
    user,
    ttlMs,
  }: ParsedInputOf<"admin.beginTrace">): Promise<OutputOf<"admin.beginTrace">> {
    const { redis, keys, publishCommand } = this.#stores;
    const trace = `tr_${randomBytes(12).toString("base64url")}`;
    const [status, ...values] = (await runScript(redis, beginTraceScript, keys.trace(trace), {
      id: trace,
      room,
      user,
      ttlMs,
      keptMs: KEPT_MS,
      maxTraces: limits.traces,
      publishCommand,
    })) as string[];
    if (status === "full") throw tooManyTraces();
    const { endsAtMs } = namedReply(beginTraceScript, status!, values);
    await this.load();
    return { trace, endsAt: toIsoTime(endsAtMs) };
  }

  async end(trace: string): Promise<void> {
    const { redis, keys, publishCommand } = this.#stores;
    await runScript(redis, endTraceScript, keys.trace(trace), { id: trace, publishCommand });
    await this.load();
  }

  /**
   * @throws {GrandstandError} `not_found` if the trace does not exist or its records have expired. With a cursor, the page
   * is empty instead.
   */
  async read({ trace, limit, cursor }: ParsedInputOf<"admin.trace">): Promise<OutputOf<"admin.trace">> {
    const { redis, keys } = this.#stores;
    const from = cursor === undefined ? "-" : `(${cursor}`;
    const [stored, found] = await Promise.all([
      redis.hget(keys.trace(trace).traces, trace),
      pageAt(redis.xrange(keys.trace(trace).records, from, "+", "COUNT", limit)),
    ]);
    if (found.length === 0 && cursor === undefined) throw unknownTrace();
    const endsAtMs = stored === null ? 0 : (JSON.parse(stored) as StoredTrace).endsAtMs;
    const records = found
      // begin-trace.lua wrote the first entry, which is not a record.
      .filter(([, [field]]) => field === "record")
      .map(([id, fields]): TraceRecord => ({ id, ...(JSON.parse(fields[1]!) as NewRecord) }));
    return {
      records,
      endsAt: endsAtMs > Date.now() ? toIsoTime(endsAtMs) : null,
      nextCursor: found.at(-1)?.[0] ?? cursor!,
    };
  }

  /** Removes the traces of a user. In other traces, removes the records that name the user as a receiver. */
  async eraseUser(user: string): Promise<Erased> {
    const { redis, keys, publishCommand } = this.#stores;
    const erased = { traces: 0, traceRecords: 0 };
    // Nodes may still have records about the user in memory. From now on, record-trace.lua drops them.
    await runScript(redis, refuseErasedScript, keys.trace(""), { user, keepMs: WAITING_MS });
    for (const [id, stored] of Object.entries(await redis.hgetall(keys.trace("").traces))) {
      if ((JSON.parse(stored) as StoredTrace).user === user) {
        await runScript(redis, eraseTraceScript, keys.trace(id), { id, publishCommand });
        erased.traces += 1;
      } else erased.traceRecords += await this.#eraseReceiver(id, user);
    }
    if (erased.traces > 0) await this.load();
    return erased;
  }

  /** Reads the traces from Redis. Starts recording those that began, and stops recording those that ended. */
  async load(): Promise<void> {
    const { redis, keys } = this.#stores;
    const [status, ...values] = (await runScript(redis, readTracesScript, keys.trace(""), {})) as string[];
    const reply = namedReply(readTracesScript, status!, values);
    const wanted = new Map<string, StoredTrace>();
    for (let at = 0; at < reply.traces.length; at += 2) {
      const stored = JSON.parse(reply.traces[at + 1]!) as StoredTrace;
      if (stored.endsAtMs > Number(reply.nowMs)) wanted.set(reply.traces[at]!, stored);
    }
    for (const id of this.#running.keys()) if (!wanted.has(id)) this.#stop(id);
    for (const [id, stored] of wanted) {
      if (!this.#running.has(id)) this.#start(id, stored, stored.endsAtMs - Number(reply.nowMs));
    }
    this.#index();
  }

  receive(): void {
    this.#reload.request();
  }

  resync(): void {
    this.#reload.request();
  }

  close(): void {
    this.#reload.close();
    for (const id of this.#running.keys()) this.#stop(id);
    this.#index();
  }

  /** @returns how many records it removed */
  async #eraseReceiver(id: string, user: string): Promise<number> {
    const { redis, keys } = this.#stores;
    const { records } = keys.trace(id);
    let removed = 0;
    for (let from = "-"; ; ) {
      const found = await redis.xrange(records, from, "+", "COUNT", ERASED_AT_ONCE);
      const naming = found.filter(
        ([, [field, value]]) =>
          field === "record" && (JSON.parse(value!) as NewRecord).receivers.some((one) => one.user === user),
      );
      if (naming.length > 0) removed += await redis.xdel(records, ...naming.map(([entry]) => entry));
      if (found.length < ERASED_AT_ONCE) return removed;
      from = `(${found.at(-1)![0]}`;
    }
  }

  #start(id: string, { room, user }: StoredTrace, leftMs: number): void {
    const recorder = new TraceRecorder(this.#nodeId, user, (records) => this.#write(id, records));
    const timer = setTimeout(() => {
      this.#stop(id);
      this.#index();
    }, leftMs);
    timer.unref();
    this.#running.set(id, { channel: `chat:${room}`, recorder, timer });
  }

  #stop(id: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    clearTimeout(running.timer);
    void running.recorder.close();
    this.#running.delete(id);
  }

  #index(): void {
    const recorders = new Map<string, ChannelTrace[]>();
    for (const { channel, recorder } of this.#running.values()) {
      recorders.set(channel, [...(recorders.get(channel) ?? []), recorder]);
    }
    this.#byChannel = new Map([...recorders].map(([channel, all]) => [channel, together(all)]));
  }

  async #write(id: string, records: readonly NewRecord[]): Promise<void> {
    const { redis, keys, log } = this.#stores;
    try {
      await runScript(redis, recordTraceScript, keys.trace(id), {
        maxRecords: MAX_RECORDS,
        items: records.map((record) => JSON.stringify(record)),
      });
    } catch (error) {
      log.debug({ err: error }, "records of a trace could not be written");
    }
  }
}

/** Combines several traces of one room. */
function together(all: readonly ChannelTrace[]): ChannelTrace {
  if (all.length === 1) return all[0]!;
  return {
    published: (...about) => all.forEach((one) => void one.published(...about)),
    subscribed: (...about) => all.forEach((one) => void one.subscribed(...about)),
    handed: (connections, ...about) => {
      const receivers = [...connections];
      for (const one of all) one.handed(receivers, ...about);
    },
    paused: (connection) => all.forEach((one) => void one.paused(connection)),
    left: (connection) => all.forEach((one) => void one.left(connection)),
  };
}

function tooManyTraces(): GrandstandError {
  return new GrandstandError("conflict", `There are ${limits.traces} traces already`, {
    issues: [{ path: "", rule: "max", message: "has reached the maximum: end a trace first" }],
  });
}

function unknownTrace(): GrandstandError {
  return new GrandstandError("not_found", "There is no such trace", {
    issues: [{ path: "trace", rule: "unknown", message: "is no trace, or its records have expired" }],
  });
}
