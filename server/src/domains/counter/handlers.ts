import { GrandstandError } from "@grandstand/shared/errors";
import { counter as counterSchema, counterValue } from "@grandstand/shared/operations/counter";
import { grantsOf } from "../../authz/grants.js";
import type { Call } from "../../core/call.js";
import type { Caller } from "../../core/caller.js";
import type { DomainHandlers } from "../../core/handler.js";
import { KeyedBatcher } from "../../live/batcher.js";
import type { Script } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { IdIndex } from "../shared/id-index.js";
import { readEach } from "../shared/unreadable.js";
import { counterOf, counterValueOf, type Meta, ruleArguments } from "./rules.js";
import { refusalOf } from "./script-errors.js";
import * as scripts from "./scripts.js";
import { pointsOf } from "./series.js";
import { type CounterCall, CounterStore, type Existence } from "./store.js";
import { Trending } from "./trending.js";

/** How many ids a node remembers as being in the index of counters. */
const REMEMBERED_IDS = 10_000;

export function counterHandlers(dependencies: DomainDependencies): DomainHandlers<"counter"> {
  const { redis, keys, log } = dependencies;
  const index = new IdIndex(redis, keys.counters);
  const writtenIds = new WrittenIds(index);
  const trending = new Trending(redis, keys.growth, log);
  const storeOf = (counter: string) => new CounterStore(dependencies, counter);
  const readValue = async (counter: string) =>
    counterValue.parse(counterValueOf(counter, await storeOf(counter).readMeta()));

  const batched = <Args extends string>(script: Script<Args, string>) =>
    new KeyedBatcher<CounterCall, string>((counter) => async (calls) => {
      const { existence, growth, results } = await storeOf(counter).serve(script, calls);
      await writtenIds.note(counter, existence);
      trending.note(counter, growth);
      return results;
    });
  const additions = batched(scripts.addScript);
  const visits = batched(scripts.visitScript);

  return {
    "counter.configure": async ({ counter, ...config }, { idempotency }) => {
      // The id is added before the script runs, so that the index has the id even if this node stops after the script.
      // The id is added again afterwards, because a concurrent delete may have removed it in between.
      await index.add(counter);
      const args = ruleArguments(config);
      const { pairs } = await storeOf(counter).write(scripts.configureScript, idempotency, args);
      await index.add(counter);
      return counterOf(counter, metaOf(pairs));
    },

    "counter.get": async ({ counter }) => counterOf(counter, await storeOf(counter).readMeta()),

    "counter.getMany": async ({ counters }) => {
      const { found, ...rest } = await readEach(counters, readValue, log, "counter");
      return { counters: found, ...rest };
    },

    "counter.list": async ({ limit, prefix, cursor }) => {
      const page = await index.page(limit, prefix, cursor);
      const readListed = async (id: string) => {
        const found = counterSchema.parse(counterOf(id, await storeOf(id).readMeta()));
        return found.createdAt === null ? null : found;
      };
      const { found, ...rest } = await readEach(page.ids, readListed, log, "counter");
      return { counters: found, ...rest, nextCursor: page.nextCursor };
    },

    "counter.delete": async ({ counter }, { idempotency }) => {
      const store = storeOf(counter);
      const { isNow } = await store.write(scripts.deleteScript, idempotency, {});
      if (!isNow) return { deleted: true };
      await Promise.all([index.remove(counter), trending.forget(counter)]);
      // If a concurrent write created the counter again, the removal above may have removed the id of the new counter.
      if (await store.exists()) await index.add(counter);
      return { deleted: true };
    },

    "counter.add": async ({ counter, by }, call) => {
      const result = await additions.add(counter, callOf(call, counter, String(by)));
      if (!/^-?\d+$/.test(result)) throw refusalOf(result);
      return { value: Number(result), applied: by !== 0 };
    },

    "counter.set": async ({ counter, value }, { idempotency }) => {
      const reply = await storeOf(counter).write(scripts.setScript, idempotency, { value });
      await writtenIds.note(counter, reply.existence as Existence);
      return { value, previous: Number(reply.previous) };
    },

    "counter.reset": async ({ counter }, { idempotency }) => {
      const { previous } = await storeOf(counter).write(scripts.resetScript, idempotency, {});
      return { previous: Number(previous) };
    },

    "counter.visit": async ({ counter, visitor }, call) => {
      const result = await visits.add(counter, callOf(call, counter, visitorOf(call.caller, visitor)));
      const [, unique, counted] = /^(\d+):([01])$/.exec(result) ?? [];
      if (unique === undefined) throw refusalOf(result);
      return { unique: Number(unique), counted: counted === "1" };
    },

    "counter.series": async ({ counter, interval, last }) => {
      const series = await storeOf(counter).readSeries(interval, last);
      if (!series) throw new GrandstandError("not_found", `The counter keeps no series by ${interval}`);
      return { interval, points: pointsOf(interval, last, Number(series.nowMs), series.counts) };
    },

    "counter.trending": async ({ prefix = "", limit }) => {
      const top = await trending.top(limit, prefix);
      const growthOf = new Map(top.map(({ counter, growth }) => [counter, growth]));
      const readGrown = async (id: string) => {
        const meta = await storeOf(id).readMeta();
        // The ranking may still contain a deleted counter: a node records growth up to a second late.
        if (meta.epoch === undefined) return null;
        return { ...counterValue.parse(counterValueOf(id, meta)), growth: growthOf.get(id)! };
      };
      const { found } = await readEach([...growthOf.keys()], readGrown, log, "counter");
      return { counters: found };
    },
  };
}

/**
 * Adds a counter to the index when an add, a visit or a set creates the counter. The node that runs the write adds the id
 * before it replies. If that node stops before it has added the id, a later write through another node adds it: a node
 * skips only the ids that it remembers having added.
 */
class WrittenIds {
  readonly #index: IdIndex;
  readonly #added = new Set<string>();

  constructor(index: IdIndex) {
    this.#index = index;
  }

  async note(counter: string, existence: Existence): Promise<void> {
    if (existence === "none" || (existence === "known" && this.#added.has(counter))) return;
    await this.#index.add(counter);
    if (this.#added.size === REMEMBERED_IDS) this.#added.clear();
    this.#added.add(counter);
  }
}

/** A user whose token has the right `submit` writes like a server, even to counters that only servers may write to. */
function callOf({ caller, idempotency }: Call, counter: string, subject: string): CounterCall {
  const writesAsServer = caller.kind !== "user" || grantsOf(caller, `counter:${counter}`).has("submit");
  return { writer: writesAsServer ? "server" : "user", subject, idempotency };
}

/**
 * The visitor that a call counts: a user counts itself, a server names a visitor.
 * @throws {GrandstandError} `forbidden` when a user names another user, `bad_request` when a server names no visitor
 */
function visitorOf(caller: Caller, visitor: string | undefined): string {
  if (caller.kind !== "user") {
    if (visitor !== undefined) return visitor;
    throw new GrandstandError("bad_request", "visitor is required", {
      issues: [{ path: "visitor", rule: "type", message: "is required of a caller that is not a user" }],
    });
  }
  if (visitor !== undefined && visitor !== caller.user.id) {
    throw new GrandstandError("forbidden", "A user may visit only as itself", {
      issues: [{ path: "visitor", rule: "own", message: "must be the caller's own user id" }],
    });
  }
  return caller.user.id;
}

/** Makes an object from a list in which names and values alternate, as HGETALL returns them to a script. */
function metaOf(pairs: string[]): Meta {
  const meta: Meta = {};
  for (let at = 0; at < pairs.length; at += 2) meta[pairs[at]!] = pairs[at + 1]!;
  return meta;
}
