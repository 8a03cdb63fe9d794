import { contract, operationNames } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import { expect, it } from "vitest";
import { frameLimitOf, isWrite } from "./operations.js";

it("isWrite is true for exactly the writes of the contract", () => {
  expect(operationNames.filter(isWrite)).toEqual(operationNames.filter((name) => contract[name].isWrite));
});

it("frameLimitOf is 256 bytes below the body limit of every operation", () => {
  for (const name of operationNames) {
    const { bodyLimitBytes = limits.bodyBytes } = contract[name] as Operation;
    expect(frameLimitOf(name)).toBe(bodyLimitBytes - 256);
  }
});
