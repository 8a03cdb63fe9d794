import { pino } from "pino";
import { expect, it, vi } from "vitest";
import { RefusalLog } from "./refusal-log.js";

it("OP1: refused connections are logged once for each limit, and again after a quiet minute", () => {
  vi.useFakeTimers();
  const lines: { limit: string }[] = [];
  const observer = new RefusalLog(pino({}, { write: (line: string) => lines.push(JSON.parse(line)) }));
  const refuse = (limit: string) => observer.note("limitReached", { limit });
  for (let refusal = 0; refusal < 1_000; refusal += 1) refuse("connectionsPerNode");
  refuse("socketsPerAddress");
  // A refused call is reported to its caller only, not logged.
  refuse("user");
  expect(lines.map(({ limit }) => limit)).toEqual(["connectionsPerNode", "socketsPerAddress"]);
  vi.advanceTimersByTime(61_000);
  refuse("connectionsPerNode");
  expect(lines).toHaveLength(3);
  vi.useRealTimers();
});
