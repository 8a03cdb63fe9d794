import { GrandstandError } from "@grandstand/shared/errors";
import type { Counter } from "@grandstand/shared/operations/counter";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { grantsOf } from "../../authz/grants.js";
import type { Call } from "../../core/call.js";
import type { DomainHandlers } from "../../core/handler.js";
import { KeyedBatcher } from "../../live/batcher.js";
import type { Keys } from "../../redis/keys.js";
import type { Script } from "../../redis/positional-scripts.js";
import { IdIndex } from "../shared/id-index.js";
import { Listing } from "./listing.js";
import { refuse } from "./refusals.js";
import { counterOf, counterValueOf, type Meta, ruleArguments } from "./rules.js";
import * as scripts from "./scripts.js";
import { pointsOf } from "./series.js";
import { type Asked, CounterStore, type Existence, newEpoch } from "./store.js";
import { Trending } from "./trending.js";
import { visitorOf } from "./visitors.js";

export function counterHandlers(
  redis: Redis,
  keys: Keys,
  publishCommand: string,
  log: Logger,
): DomainHandlers<"counter"> {
  const index = new IdIndex(redis, keys.counters);
  const listing = new Listing(index);
  const trending = new Trending(redis, keys.growth, log);
  const storeOf = (counter: string) => new CounterStore(redis, keys, publishCommand, counter);

  const gather = (script: Script, keysOf: (store: CounterStore) => string[]) =>
    new KeyedBatcher<Asked, string>((counter) => async (callers) => {
      const store = storeOf(counter);
      const { existence, grownBy, answers } = await store.answer(script, keysOf(store), callers);
      await listing.note(counter, existence);
      trending.note(counter, grownBy);
      return answers;
    });
  const additions = gather(scripts.addScript, () => []);
  const visits = gather(scripts.visitScript, ({ visitorsDuring, visitors }) => [
    ...visitorsDuring,
    ...visitors,
  ]);

  return {
    "counter.configure": async ({ counter, ...config }, { idempotency }) => {
      const store = storeOf(counter);
      // Before, so that no counter is missing there; after, in case that a deletion came between.
      await index.add(counter);
      const pairs = await store.write(
        scripts.configureScript,
        idempotency,
        [...store.series, ...store.visitorsDuring],
        [newEpoch(), ...ruleArguments(config)],
      );
      await index.add(counter);
      return counterOf(counter, metaOf(pairs));
    },

    "counter.get": async ({ counter }) => counterOf(counter, await storeOf(counter).readMeta()),

    "counter.getMany": async ({ counters }) => {
      const read = async (counter: string) => counterValueOf(counter, await storeOf(counter).readMeta());
      return { counters: await Promise.all(counters.map(read)) };
    },

    "counter.list": async ({ limit, prefix, cursor }) => {
      const page = await index.page(limit, prefix, cursor);
      const found = await Promise.all(
        page.ids.map(
          async (counter): Promise<Counter> => counterOf(counter, await storeOf(counter).readMeta()),
        ),
      );
      return { counters: found.filter(({ createdAt }) => createdAt !== null), nextCursor: page.nextCursor };
    },

    "counter.delete": async ({ counter }, { idempotency }) => {
      const store = storeOf(counter);
      const [now] = await store.write(scripts.deleteScript, idempotency, [
        ...store.series,
        ...store.visitorsDuring,
        ...store.visitors,
      ]);
      if (!now) return { deleted: true };
      await Promise.all([index.remove(counter), trending.forget(counter)]);
      // It may have been made again meanwhile.
      if (await redis.exists(store.meta)) await index.add(counter);
      return { deleted: true };
    },

    "counter.add": async ({ counter, by }, call) => {
      const answer = await additions.ask(counter, askedBy(call, counter, String(by)));
      if (!/^-?\d+$/.test(answer)) refuse(answer);
      return { value: Number(answer), applied: by !== 0 };
    },

    "counter.set": async ({ counter, value }, { idempotency }) => {
      const [previous, created] = await storeOf(counter).write(
        scripts.setScript,
        idempotency,
        [],
        [newEpoch(), value],
      );
      await listing.note(counter, created as Existence);
      return { value, previous: Number(previous) };
    },

    "counter.reset": async ({ counter }, { idempotency }) => {
      const store = storeOf(counter);
      const [previous] = await store.write(scripts.resetScript, idempotency, store.visitors);
      return { previous: Number(previous) };
    },

    "counter.visit": async ({ counter, visitor }, call) => {
      const answer = await visits.ask(counter, askedBy(call, counter, visitorOf(call.caller, visitor)));
      const [, unique, counted] = /^(\d+):([01])$/.exec(answer) ?? [];
      if (unique === undefined) refuse(answer);
      return { unique: Number(unique), counted: counted === "1" };
    },

    "counter.series": async ({ counter, interval, last }) => {
      const series = await storeOf(counter).readSeries(scripts.seriesScript, interval, last);
      if (!series) throw new GrandstandError("not_found", `The counter keeps no series by ${interval}`);
      const [now, ...entries] = series;
      return { interval, points: pointsOf(interval, last, Number(now), entries) };
    },

    "counter.trending": async ({ prefix = "", limit }) => {
      const top = await trending.top(limit, prefix);
      const metas = await Promise.all(top.map(({ counter }) => storeOf(counter).readMeta()));
      const counters = top.map(({ counter, growth }, at) => ({
        ...counterValueOf(counter, metas[at]!),
        growth,
      }));
      // Another node may have noted growth of one that was deleted meanwhile.
      return { counters: counters.filter((_, at) => metas[at]!.epoch !== undefined) };
    },
  };
}

/** A token with the right to submit opens counters that only servers write to. */
function askedBy({ caller, idempotency }: Call, counter: string, subject: string): Asked {
  const writesAsServer = caller.kind !== "user" || grantsOf(caller, `counter:${counter}`).has("submit");
  return { writer: writesAsServer ? "server" : "user", subject, idempotency };
}

/** A HASH as a script returns it: name, value, name, value, ... */
function metaOf(pairs: string[]): Meta {
  const meta: Meta = {};
  for (let at = 0; at < pairs.length; at += 2) meta[pairs[at]!] = pairs[at + 1]!;
  return meta;
}
