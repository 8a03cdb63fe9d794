import { expect, it } from "vitest";
import { findIds, literally } from "./key-search.js";

const idOf = (key: string) => /^id:(.*)$/.exec(key)?.[1] ?? null;

it.each(["-1", "+1", " 1", "1.2", "0x1", "none", "", "9".repeat(34)])(
  "OP15: a search refuses the malformed cursor %j before it asks Redis",
  async (cursor) => {
    const redis = {
      scanKeys: () => {
        throw new Error("Redis was asked");
      },
    };
    await expect(findIds(redis, "id:*", idOf, { limit: 1, cursor })).rejects.toMatchObject({
      code: "bad_request",
      issues: [{ path: "cursor" }],
    });
  },
);

it("OP15: a search continues after empty pages, and finds each id once", async () => {
  const pages: Record<string, [keys: string[], next: string]> = {
    "0": [[], "7"],
    "7": [["id:a", "other:a", "id:a"], "9"],
    "9": [["id:b"], "0"],
  };
  const redis = {
    scanKeys: async (_: string, cursor: string) => ({
      keys: pages[cursor]![0],
      nextCursor: pages[cursor]![1],
    }),
  };
  expect(await findIds(redis, "id:*", idOf, { limit: 1 })).toEqual({ ids: ["a"], nextCursor: "9" });
  expect(await findIds(redis, "id:*", idOf, { limit: 5 })).toEqual({ ids: ["a", "b"], nextCursor: null });
});

it("OP15: a search escapes the special characters of a SCAN pattern", () => {
  expect(literally("a*b?[c]^\\")).toBe("a\\*b\\?\\[c\\]\\^\\\\");
});
