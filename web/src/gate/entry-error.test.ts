import { GrandstandError } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { entryErrorOf } from "./entry-error.js";

it("names the rule that the name breaks", () => {
  const issue = { path: "name", rule: "regex", message: "must be 1 to 40 characters" };
  const error = new GrandstandError("bad_request", "The request is not valid", { issues: [issue] });
  expect(entryErrorOf(error)).toEqual({ areGuestsOff: false, text: "The name must be 1 to 40 characters." });
});

it("recognises a server that refuses guests", () => {
  expect(entryErrorOf(new GrandstandError("forbidden", "Guests are off")).areGuestsOff).toBe(true);
});

it("reports an unknown error as an unreachable server", () => {
  expect(entryErrorOf(new TypeError("Failed to fetch")).text).toContain("can't be reached");
});
