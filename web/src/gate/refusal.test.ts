import { GrandstandError } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { refusalOf } from "./refusal.js";

it("names the rule that a name breaks", () => {
  const issue = { path: "name", rule: "regex", message: "must be 1 to 40 characters" };
  const error = new GrandstandError("bad_request", "The request is not valid", { issues: [issue] });
  expect(refusalOf(error)).toEqual({ isShut: false, text: "The name must be 1 to 40 characters." });
});

it("knows that no name helps where guests are off", () => {
  expect(refusalOf(new GrandstandError("forbidden", "Guests are off")).isShut).toBe(true);
});

it("takes anything else for a server that isn't there", () => {
  expect(refusalOf(new TypeError("Failed to fetch")).text).toContain("can't be reached");
});
