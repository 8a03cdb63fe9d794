/**
 * An upper bound on one figure of a measurement (`Finding` in finding.ts), such as the CPU time of the server, or on the sum of
 * several figures.
 */
export interface TargetPart {
  /** The names of the figures that are added up. They are keys of `figures` in a `Finding`. */
  of: string[];
  /**
   * The sum before the work on the target began, on the machine where the target was set; null if it was not
   * measured.
   */
  before: string | null;
  atMost: number;
}

/**
 * A performance target. It has two kinds of limits:
 * - `parts` limit absolute figures, such as microseconds. They were set on another machine, and may not fit this one.
 * - The budget of the `Finding` with the same id (finding.ts) limits the measured value. If Grandstand is compared with
 *   another program, the budget limits the ratio of the two values. A limit of a ratio fits every machine.
 */
export interface Target {
  /** The id of the budget. */
  id: string;
  work: string;
  unit: string;
  /** Empty if the target is the ratio alone. */
  parts: TargetPart[];
}

export const SERVER_CPU = "CPU of the server";
export const REDIS_CPU = "CPU of Redis";
export const P50 = "p50 latency";
export const MEMORY = "memory in Redis";
export const DURATION = "duration";

export const targets: readonly Target[] = [
  target("B2", "submit over REST, 100,000 members", "µs", [
    { of: [SERVER_CPU], before: "125", atMost: 70 },
    { of: [REDIS_CPU], before: "86", atMost: 50 },
  ]),
  target("R1", "top 100 over REST, nobody submits meanwhile", "µs", [
    { of: [SERVER_CPU], before: "384", atMost: 170 },
    { of: [REDIS_CPU], before: "153", atMost: 60 },
  ]),
  target("B11", "100 entries over REST, each time another page", "µs", [
    { of: [SERVER_CPU], before: "384", atMost: 170 },
    { of: [REDIS_CPU], before: "153", atMost: 60 },
  ]),
  target("B11E", "top 100 of an unchanged board, with `If-None-Match`", "µs", [
    { of: [SERVER_CPU, REDIS_CPU], before: null, atMost: 60 },
  ]),
  target("R2", "entries around a member", "µs", [
    { of: [SERVER_CPU], before: "159", atMost: 90 },
    { of: [REDIS_CPU], before: "106", atMost: 60 },
  ]),
  target("F1", "delivery at 200 messages a second, plain WebSocket", "µs", [
    { of: [SERVER_CPU], before: "2.6", atMost: 1.5 },
  ]),
  target("F2", "its latency", "ms", [{ of: [P50], before: "32", atMost: 15 }]),
  target("F3", "delivery without batches, plain WebSocket", "µs", [
    { of: [SERVER_CPU], before: "7.4", atMost: 4.5 },
  ]),
  target("B3", "delivery at 200 messages a second, Socket.IO", "µs", []),
  target("F4", "delivery of a lone message, plain WebSocket", "µs", [
    { of: [SERVER_CPU], before: "20 to 23", atMost: 14 },
  ]),
  target("B4", "latency of a lone message, Socket.IO", "ms", []),
  target("A1", "accepting, authenticating (JWT) and subscribing a connection", "µs", [
    { of: [SERVER_CPU], before: "795", atMost: 280 },
  ]),
  target("F5", "Redis's CPU for a chat message", "µs", [{ of: [REDIS_CPU], before: "229", atMost: 110 }]),
  target("B12", "member of a board of 1 million, integer scores", "bytes", [
    { of: [MEMORY], before: "230", atMost: 120 },
  ]),
  target("B12F", "the same, scores with fractions", "bytes", [{ of: [MEMORY], before: "230", atMost: 180 }]),
  target("B9", "5,000 clients dropped at once, all live again, 0 messages lost", "s", [
    { of: [DURATION], before: null, atMost: 5 },
  ]),
];

function target(id: string, work: string, unit: string, parts: TargetPart[]): Target {
  return { id, work, unit, parts };
}
