import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { pino } from "pino";
import { expect, it } from "vitest";
import { DescriptorWatch } from "./descriptor-watch.js";

it("OP1: the log has one line when no file descriptor is left, and one line when there are some again", () => {
  const levels: number[] = [];
  const log = pino({}, { write: (line: string) => levels.push(JSON.parse(line).level) });
  let error: Error | null = null;
  const watch = new DescriptorWatch(log, () => {
    if (error !== null) throw error;
  });
  watch.check();
  error = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
  for (let check = 0; check < 5; check += 1) watch.check();
  expect(levels).toEqual([50]);
  error = null;
  watch.check();
  expect(levels).toEqual([50, 30]);
});

it("OP1: a server that can't accept a connection does not end the process", () => {
  const levels: number[] = [];
  const log = pino({}, { write: (line: string) => levels.push(JSON.parse(line).level) });
  const watch = new DescriptorWatch(log);
  const server = new EventEmitter() as Server;
  watch.start(server);
  server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
  server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
  expect(levels).toEqual([50]);
  watch.stop();
});
