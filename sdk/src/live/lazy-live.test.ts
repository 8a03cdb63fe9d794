import type { GrandstandError } from "@grandstand/shared/errors";
import { expect, it, vi } from "vitest";
import { LazyLive, type Live } from "./lazy-live.js";

function liveOf() {
  const live: Live = {
    onOpen: () => {},
    isUsed: false,
    onLive: vi.fn(),
    onLost: vi.fn(),
    onPush: vi.fn(),
    onRefreshed: vi.fn(),
    end: vi.fn(),
    reopen: vi.fn(),
  };
  return live;
}

it("loads the code once, at its first use, and then runs the waiting uses in order", async () => {
  const load = vi.fn(async () => liveOf());
  const lazy = new LazyLive(load, () => {});
  const onOpen = vi.fn();
  lazy.onOpen = onOpen;
  const order: string[] = [];
  const use = (name: string) => lazy.use(() => void order.push(name) as undefined);
  expect(load).not.toHaveBeenCalled();
  use("one");
  use("two");
  expect(onOpen).toHaveBeenCalledTimes(2);
  expect(order).toEqual([]);
  await lazy.pending;
  use("three");
  expect(order).toEqual(["one", "two", "three"]);
  expect(load).toHaveBeenCalledTimes(1);
});

it("does not run a use that has ended before the code was loaded", async () => {
  const lazy = new LazyLive(
    async () => liveOf(),
    () => {},
  );
  const use = vi.fn(() => undefined);
  lazy.use(use)();
  await lazy.pending;
  expect(use).not.toHaveBeenCalled();
});

it("ends each use once", async () => {
  const lazy = new LazyLive(
    async () => liveOf(),
    () => {},
  );
  const end = vi.fn();
  const leave = lazy.use(() => end);
  await lazy.pending;
  leave();
  leave();
  expect(end).toHaveBeenCalledTimes(1);
});

it("reports a failure to load the code, and tries again", async () => {
  const errors: GrandstandError[] = [];
  const load = vi.fn(async () => liveOf()).mockRejectedValueOnce(new TypeError("offline"));
  const lazy = new LazyLive(load, (error) => errors.push(error));
  const use = vi.fn(() => undefined);
  lazy.use(use);
  await vi.waitFor(() => expect(use).toHaveBeenCalledTimes(1), { timeout: 20_000 });
  expect(errors).toMatchObject([{ code: "unavailable", cause: { message: "offline" } }]);
  expect(load).toHaveBeenCalledTimes(2);
});

it("ends the live views after loading, if the client was closed while the code was loading", async () => {
  const live = liveOf();
  const lazy = new LazyLive(
    async () => live,
    () => {},
  );
  const error = { code: "unavailable" } as GrandstandError;
  lazy.use(() => undefined);
  lazy.end(error);
  await lazy.pending;
  expect(live.end).toHaveBeenCalledExactlyOnceWith(error);
});

it("notifies a listener of a change that happened while the code was loading", async () => {
  const lazy = new LazyLive(
    async () => liveOf(),
    () => {},
  );
  const listener = vi.fn();
  const store = lazy.store("loading", () => ({ get: () => "failed", subscribe: () => () => {} }));
  store.subscribe(listener);
  expect(store.get()).toBe("loading");
  await lazy.pending;
  expect(store.get()).toBe("failed");
  expect(listener).toHaveBeenCalledTimes(1);
});
