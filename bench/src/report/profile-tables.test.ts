import { expect, it } from "vitest";
import { Profiles } from "../profile/profiles.js";
import { selfTimesOf } from "../profile/self-times.js";
import { profileTables } from "./profile-tables.js";

const root = "file:///grandstand";
const frame = (functionName: string, url = "") => ({
  functionName,
  url,
  scriptId: "1",
  lineNumber: 1,
  columnNumber: 1,
});
const frames = [
  frame("(idle)"),
  frame("(garbage collector)"),
  frame("writev"),
  frame("send", `${root}/node_modules/fastify/lib/reply.js`),
  frame("", `${root}/server/dist/dispatch/dispatcher.js`),
  frame("emit", "node:events"),
  frame("dispatch"),
];
const nodes = frames.map((callFrame, id) => ({ id, callFrame, hitCount: 0 }));

it("sums up self times by module and by function, without idle time and the time of the profiler", async () => {
  const profiles = new Profiles();
  const samples = [6, 0, 1, 2, 3, 4, 4, 5];
  const times = selfTimesOf({
    nodes,
    samples,
    timeDeltas: [500, 900, 10, 40, 10, 10, 20, 10],
    startTime: 0,
    endTime: 1_000,
  });
  // Profiles with the same title, here those of two nodes, are added up.
  profiles.add("without batches", times);
  profiles.add("without batches", times);
  profiles.addCommands({ evalsha: 75, hset: 25 });
  const tables = profileTables(await profiles.end());
  expect(tables).toBe(
    [
      "| Nodes, without batches: by module | % | By function | % |",
      "|---|---|---|---|",
      "| native functions | 40.0 | `writev` of native functions | 40.0 |",
      "| server/src/dispatch/dispatcher | 30.0 | `(anonymous)` of server/src/dispatch/dispatcher | 30.0 |",
      "| garbage collection | 10.0 | `(garbage collector)` of garbage collection | 10.0 |",
      "| fastify | 10.0 | `send` of fastify | 10.0 |",
      "| Node.js | 10.0 | `emit` of Node.js | 10.0 |",
      "",
      "| Redis: by command | % |",
      "|---|---|",
      "| evalsha | 75.0 |",
      "| hset | 25.0 |",
    ].join("\n"),
  );
});

it("reads the profile of a server only once, even if the server stops before the run ends", async () => {
  const profiles = new Profiles();
  let reads = 0;
  const read = profiles.onEnd(async () => {
    reads += 1;
  });
  await read();
  await profiles.end();
  expect(reads).toBe(1);
});
