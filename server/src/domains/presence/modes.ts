import type { PresenceMode } from "@grandstand/shared/events/presence";
import { limits } from "@grandstand/shared/limits";

/** Above how many members a room tells of changes in another way. */
export interface Thresholds {
  digestAbove: number;
  countAbove: number;
}

export const thresholds: Thresholds = {
  digestAbove: limits.presenceDigestAbove,
  countAbove: limits.presenceCountAbove,
};

/** Back again only this much below a threshold, so that a room that lies about there does not go to and fro. */
const BACK = 0.9;

/** How a room with `count` members tells of changes, when it did so in the mode `before`; null for not yet. */
export function modeOf(
  count: number,
  before: PresenceMode | null,
  { digestAbove, countAbove }: Thresholds,
): PresenceMode {
  if (count > countAbove || (before === "count" && count > countAbove * BACK)) return "count";
  if (count > digestAbove || (before !== null && before !== "each" && count > digestAbove * BACK)) {
    return "digest";
  }
  return "each";
}
