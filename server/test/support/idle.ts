import { expect } from "vitest";
import { eventually } from "./eventually.js";
import type { TestNode } from "./in-process-node.js";

/** Waits until a node has no connection and no channel. */
export function becomesIdle(node: TestNode): Promise<void> {
  return eventually(() => {
    expect(node.connectionCount()).toBe(0);
    expect(node.channelCount()).toBe(0);
  });
}
