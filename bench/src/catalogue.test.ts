import { expect, it } from "vitest";
import { catalogue } from "./catalogue.js";
import { meaningOf } from "./meanings.js";

it("each budget of the catalogue has an id of its own, and a text in meanings.ts", () => {
  const ids = catalogue.flatMap((benchmark) => benchmark.ids);
  expect(ids.filter((id) => meaningOf(id) === undefined)).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
