import { contract, operationNames } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import { expect, it } from "vitest";
import { frameLimitOf, isWrite } from "./operations.js";

it("lists every write of the contract and no read", () => {
  expect(operationNames.filter(isWrite)).toEqual(operationNames.filter((name) => contract[name].isWrite));
});

it("knows the largest input of every operation", () => {
  for (const name of operationNames) {
    const { bodyLimitBytes = limits.bodyBytes } = contract[name] as Operation;
    expect(frameLimitOf(name)).toBe(bodyLimitBytes - 256);
  }
});
