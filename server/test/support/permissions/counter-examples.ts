import { dataOf } from "../acks.js";
import { freshId } from "../names.js";
import type { Example, Preparing } from "./example.js";

/** Examples of calls on a counter whose rules let only servers (callers with an API key) add to it. */
export const counterExamples: Example[] = [
  onCounter("get", "may"),
  onCounter("series", "may", () => ({ interval: "minute" })),
  {
    operation: "counter.getMany",
    users: "may",
    prepare: async (preparing) => {
      const counters = [await makeCounter(preparing), await makeCounter(preparing)];
      return { input: { counters }, channels: counters.map((counter) => `counter:${counter}`) };
    },
  },
  ...["list", "trending"].flatMap((name): Example[] => [
    {
      operation: `counter.${name}`,
      users: "may",
      prepare: async () => ({ input: {}, channels: ["counter:*"] }),
    },
    {
      operation: `counter.${name}`,
      about: "with a prefix",
      users: "may",
      prepare: async () => ({ input: { prefix: "game-" }, channels: ["counter:game-*"] }),
    },
  ]),
  onCounter("add", "may not", () => ({ by: 2 })),
  onCounter("visit", "may not", ({ id }) => ({ visitor: id }), { kind: "unique" }),
  onCounter("set", "may not", () => ({ value: 9 })),
  onCounter("reset", "may not"),
  onCounter("configure", "may not", () => ({ max: 100 })),
  onCounter("delete", "may not"),
];

/** The input to subscribe to a new counter. */
export async function followCounter(preparing: Preparing) {
  const counter = await makeCounter(preparing);
  return { input: { channel: `counter:${counter}` }, channels: [`counter:${counter}`] };
}

async function makeCounter({ server }: Preparing, rules: object = {}): Promise<string> {
  const counter = freshId("counter");
  dataOf(await server.call("counter.configure", { counter, add: "server", series: ["minute"], ...rules }));
  return counter;
}

function onCounter(
  name: string,
  users: Example["users"],
  inputFor: (preparing: Preparing) => object = () => ({}),
  rules: object = {},
): Example {
  return {
    operation: `counter.${name}`,
    users,
    prepare: async (preparing) => {
      const counter = await makeCounter(preparing, rules);
      return { input: { counter, ...inputFor(preparing) }, channels: [`counter:${counter}`] };
    },
  };
}
