import { randomUUID } from "node:crypto";
import type { SeriesInterval } from "@grandstand/shared/operations/counter";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { CounterKeys } from "../../redis/keys.js";
import { type ArgumentsOf, namedReply, type ReplyOf, runScript, type Script } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { EventArgument } from "../shared/event-queue.js";
import type { Meta } from "./rules.js";
import { throwUnlessOk } from "./script-errors.js";
import { seriesScript } from "./scripts.js";
import { intervalArguments, intervalNames } from "./series.js";

/** The number of HyperLogLogs that the visitors are spread over (visit.lua). */
const VISITOR_SHARES = 16;
/** The number of HASHes in a ring. Each HASH keeps one minute's results of calls with an idempotency key (callers.lua). */
const RESULT_SLOTS = 7;

function times<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number));
}

/** The call of one caller in a batch. Its subject is the number to add, or the visitor. */
export interface CounterCall {
  writer: "server" | "user";
  subject: string;
  idempotency: Idempotency | null;
}

/** Whether the counter was created by a write, existed before it, or still does not exist. */
export type Existence = "new" | "known" | "none";

type OwnArguments<Args extends string> = Omit<
  ArgumentsOf<Args>,
  "publishCommand" | "fingerprint" | "replyTtlMs" | "newEpoch" | "intervals" | EventArgument
>;

/** Runs the scripts of one counter. */
export class CounterStore {
  readonly #counter: string;
  readonly #dependencies: DomainDependencies;
  readonly #keys: CounterKeys;

  constructor(dependencies: DomainDependencies, counter: string) {
    this.#dependencies = dependencies;
    this.#counter = counter;
    this.#keys = dependencies.keys.counter(counter);
  }

  readMeta(): Promise<Meta> {
    return this.#dependencies.redis.hgetall(this.#keys.meta);
  }

  async exists(): Promise<boolean> {
    return (await this.#dependencies.redis.exists(this.#keys.meta)) === 1;
  }

  /** @returns null when the counter keeps no such series */
  async readSeries(
    interval: SeriesInterval,
    last: number,
  ): Promise<{ nowMs: string; counts: string[] } | null> {
    const [status, ...values] = await this.#run(seriesScript, null, { last }, [interval]);
    return status === "ok" ? namedReply(seriesScript, status, values) : null;
  }

  /**
   * Runs a script that writes for one caller: every writing script but add.lua and visit.lua.
   * @throws {GrandstandError} for a status other than `ok`
   */
  async write<Args extends string, Reply extends string>(
    script: Script<Args, Reply>,
    idempotency: Idempotency | null,
    args: OwnArguments<Args>,
  ): Promise<ReplyOf<Reply>> {
    const [status, ...values] = await this.#run(script, idempotency, args);
    throwUnlessOk(status!, values[0]);
    return namedReply(script, status!, values);
  }

  /** Runs add.lua or visit.lua for a batch of callers. The results are in the order of the calls. */
  async serve<Args extends string>(
    script: Script<Args, string>,
    calls: CounterCall[],
  ): Promise<{ existence: Existence; growth: number; results: string[] }> {
    const callers = calls.map(({ writer, subject, idempotency }) => ({
      writer,
      subject,
      scope: idempotency?.scope,
      fingerprint: idempotency?.fingerprint,
    }));
    const reply = await this.#run(script, null, { callers } as never);
    const [existence, growth, ...results] = reply as [Existence, ...string[]];
    return { existence, growth: Number(growth), results };
  }

  async #run<Args extends string>(
    script: Script<Args, string>,
    idempotency: Idempotency | null,
    own: OwnArguments<Args>,
    intervals: SeriesInterval[] = intervalNames,
  ): Promise<string[]> {
    const { redis, publishCommand, events } = this.#dependencies;
    const { meta, topic, outbox, firstReply, results, series, visitorsDuring, visitors } = this.#keys;
    const { scope, args } = idempotencyArguments(idempotency);
    const keys = {
      meta,
      topic,
      outbox,
      firstReply: firstReply(scope),
      resultSlots: times(RESULT_SLOTS, (slot) => ({ results: results(slot) })),
      intervals: intervals.map((name) => ({ series: series(name), visitors: visitorsDuring(name) })),
      shares: times(VISITOR_SHARES, (share) => ({ visitors: visitors(share) })),
    };
    const values = {
      ...args,
      publishCommand,
      // Used only if the script creates the counter.
      newEpoch: randomUUID(),
      intervals: intervals.map(intervalArguments),
      ...own,
    };
    return (await events.run(script, { kind: "counter", id: this.#counter }, (ofOutbox) =>
      runScript(redis, script, keys, { ...values, ...ofOutbox } as unknown as ArgumentsOf<Args>),
    )) as string[];
  }
}
