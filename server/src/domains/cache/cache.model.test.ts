import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { cacheModule } from "./module.js";

let fixture: DomainFixture;

beforeAll(async () => {
  fixture = await domainFixture();
});

afterAll(() => fixture.redis.close());

const key = fc.constantFrom("a", "b", "c");
const tags = fc.uniqueArray(fc.constantFrom("x", "y", "z"), { maxLength: 2 });
const step = fc.oneof(
  fc.record({ kind: fc.constant("take" as const), key, loader: fc.constantFrom("loader-1", "loader-2") }),
  fc.record({
    kind: fc.constant("load" as const),
    key,
    loader: fc.constantFrom("loader-1", "loader-2"),
    tags,
  }),
  fc.record({ kind: fc.constant("put" as const), key, tags }),
  fc.record({ kind: fc.constant("release" as const), key, loader: fc.constantFrom("loader-1", "loader-2") }),
  fc.record({ kind: fc.constant("delete" as const), key }),
  fc.record({ kind: fc.constant("invalidate" as const), tags }),
);

/**
 * The model of a cache: the entries with their tags, and for each key at most one load. A load records the tags that
 * were invalidated since it began; `*` stands for the whole cache.
 */
class Model {
  readonly entries = new Map<string, { value: number; tags: string[] }>();
  readonly loads = new Map<string, { loader: string; dropped: Set<string> }>();

  invalidate(names: string[]): void {
    const isDropped = (tags: string[]) => names.length === 0 || tags.some((tag) => names.includes(tag));
    for (const [key, entry] of this.entries) if (isDropped(entry.tags)) this.entries.delete(key);
    for (const { dropped } of this.loads.values())
      for (const name of names.length ? names : ["*"]) dropped.add(name);
  }
}

it("OP14: after any sequence of operations, a cache replies what its model predicts", async () => {
  const { operations } = cacheModule(fixture.dependencies);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const cache = freshId("cache");
      const model = new Model();
      let value = 0;
      for (const each of steps) {
        value += 1;
        if (each.kind === "invalidate") {
          const names = each.tags.length === 0 ? undefined : each.tags;
          await operations["cache.invalidate"]({ cache, tags: names }, serverCall);
          model.invalidate(each.tags);
          continue;
        }
        const entry = { cache, key: each.key };
        const known = model.entries.get(each.key);
        const load = model.loads.get(each.key);
        if (each.kind === "take") {
          const taken = await operations["cache.take"](
            { ...entry, token: each.loader, loadMs: 60_000 },
            serverCall,
          );
          if (known) expect(taken).toMatchObject({ status: "hit", value: known.value });
          else if (load && load.loader !== each.loader) expect(taken.status).toBe("wait");
          else {
            expect(taken.status).toBe("load");
            if (!load) model.loads.set(each.key, { loader: each.loader, dropped: new Set() });
          }
        } else if (each.kind === "load") {
          const put = { ...entry, value, ttlMs: 60_000, tags: each.tags, token: each.loader };
          const isLoader = load?.loader === each.loader;
          const isFresh =
            isLoader && !load.dropped.has("*") && !each.tags.some((tag) => load.dropped.has(tag));
          expect(await operations["cache.put"](put, serverCall)).toEqual({ stored: isFresh });
          if (isFresh) model.entries.set(each.key, { value, tags: each.tags });
          if (isLoader) model.loads.delete(each.key);
        } else if (each.kind === "put") {
          const put = { ...entry, value, ttlMs: 60_000, tags: each.tags };
          expect(await operations["cache.put"](put, serverCall)).toEqual({ stored: true });
          model.entries.set(each.key, { value, tags: each.tags });
          model.loads.delete(each.key);
        } else if (each.kind === "release") {
          const isLoader = load?.loader === each.loader;
          expect(await operations["cache.release"]({ ...entry, token: each.loader }, serverCall)).toEqual({
            released: isLoader,
          });
          if (isLoader) model.loads.delete(each.key);
        } else {
          expect(await operations["cache.delete"](entry, serverCall)).toEqual({
            deleted: known !== undefined,
          });
          model.entries.delete(each.key);
          model.loads.delete(each.key);
        }
        const now = model.entries.get(each.key);
        const read = operations["cache.get"](entry, serverCall);
        if (now) expect((await read).value).toBe(now.value);
        else await expect(read).rejects.toMatchObject({ code: "not_found" });
      }
    }),
    { numRuns: 40 },
  );
});
