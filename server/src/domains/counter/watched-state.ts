import type { Redis } from "ioredis";
import { type Crossing, crossingsOf } from "./rules.js";

/** What watchers see of a counter. */
export interface CounterState {
  /** Null where nothing was ever written to the counter. */
  epoch: string | null;
  offset: number;
  value: number;
  /** The thresholds crossed since the counter was last set or reset, oldest first. */
  crossings: Crossing[];
}

export async function readState(redis: Redis, meta: string): Promise<CounterState> {
  const [epoch, offset, value, crossed] = await redis.hmget(meta, "epoch", "offset", "value", "crossed");
  return {
    epoch: epoch ?? null,
    offset: Number(offset ?? 0),
    value: Number(value ?? 0),
    crossings: crossingsOf(crossed ?? ""),
  };
}

/** The state that a notice tells of; change.lua writes it. */
export function noticedState(notice: string): CounterState & { epoch: string } {
  const [epoch, offset, value, ...crossed] = notice.split(" ");
  return {
    epoch: epoch!,
    offset: Number(offset),
    value: Number(value),
    crossings: crossingsOf(crossed.join(" ")),
  };
}
