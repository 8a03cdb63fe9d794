import { contract, operationNames } from "@grandstand/shared/contract";
import { expect, it } from "vitest";
import { isWrite } from "./operations.js";

it("lists every write of the contract and no read", () => {
  expect(operationNames.filter(isWrite)).toEqual(operationNames.filter((name) => contract[name].isWrite));
});
