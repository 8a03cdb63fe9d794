import { mkdtemp, readdir, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventually } from "../../../test/support/eventually.js";
import { withStartLock } from "./start-lock.js";

it("a start that takes long keeps its lock fresh, so that no other start removes the lock", async () => {
  const folder = await mkdtemp(join(tmpdir(), "grandstand-lock-"));
  const lock = join(folder, "redis.starting");
  let end = () => {};
  const started = withStartLock(lock, () => new Promise<void>((resolve) => (end = resolve)));
  try {
    await eventually(async () => expect(await readdir(folder)).toHaveLength(1));
    const aMinuteAgo = new Date(Date.now() - 60_000);
    await utimes(lock, aMinuteAgo, aMinuteAgo);
    await eventually(async () => expect(Date.now() - (await stat(lock)).mtimeMs).toBeLessThan(10_000));
    end();
    await started;
    expect(await readdir(folder)).toEqual([]);
  } finally {
    end();
    await rm(folder, { recursive: true, force: true });
  }
});
