import { expect, it } from "vitest";
import { catalogue } from "./catalogue.js";
import { meaningOf } from "./meanings.js";

it("each figure says in one line what it means for a user", () => {
  const ids = catalogue.flatMap((benchmark) => benchmark.ids);
  expect(ids.filter((id) => meaningOf(id) === undefined)).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
