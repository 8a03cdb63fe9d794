import type { Ack } from "@grandstand/shared/frames";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { dataOf } from "../support/acks.js";
import type { Client, Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { openWebSocket, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { type NodeProcess, startNode } from "../support/node-process.js";

const CLIENTS = 200;
const ADDS_EACH = 30;

const prefix = freshPrefix();
let nodes: NodeProcess[];
let server: Client;

beforeAll(async () => {
  const redisUrl = inject("redisUrl");
  nodes = await Promise.all(Array.from({ length: 4 }, () => startNode({ redisUrl, prefix })));
  server = await restDriver.open(nodes[0]!.url, TEST_API_KEY);
});

afterAll(() => Promise.all(nodes.map((node) => node.stop())));

function valuesOf({ pushes }: Follower): number[] {
  return pushes.flatMap(({ publications }) =>
    publications.map(({ data }) => (data as { value: number }).value),
  );
}

it("CN4: when all nodes add to a counter, followers on each transport receive its last value, and its threshold once", async () => {
  const counter = freshId("counter");
  const channel = `counter:${counter}`;
  await server.call("counter.configure", { counter, thresholds: [250] });
  const followers = await Promise.all(
    [socketIoDriver, webSocketDriver, sseDriver].map((driver, at) =>
      driver.follow(nodes[at + 1]!.url, TEST_API_KEY, { channel }),
    ),
  );
  const adders = await Promise.all(nodes.map(({ url }) => restDriver.open(url, TEST_API_KEY)));
  await Promise.all(Array.from({ length: 400 }, (_, at) => adders[at % 4]!.call("counter.add", { counter })));
  for (const follower of followers) {
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(400));
    // The crossing is published once, for any number of nodes and followers.
    const received = follower.pushes.flatMap(({ publications }) => publications);
    const crossings = received.filter(({ event }) => event === "counter.threshold");
    expect(crossings.map(({ data }) => data)).toEqual([{ threshold: 250, value: 250 }]);
    await follower.close();
  }
});

/** Calls `counter.add` repeatedly. @returns the replies; null for a call during which the node was killed */
async function addOneByOne(
  url: string,
  input: (round: number) => object,
  onAnswer: () => void,
): Promise<(Ack | null)[]> {
  const client = await openWebSocket(url, TEST_API_KEY);
  const gone = new Promise<null>((resolve) => client.socket.once("close", () => resolve(null)));
  const answers: (Ack | null)[] = [];
  for (let round = 0; round < ADDS_EACH; round += 1) {
    if (client.socket.readyState !== client.socket.OPEN) break;
    answers.push(await Promise.race([client.call("counter.add", input(round)), gone]));
    onAnswer();
  }
  await client.close();
  return answers;
}

it("CN1, T9: when one of 4 nodes is killed, each acknowledged add of 200 clients counts, and an add with an idempotency key counts once", async () => {
  const keyed = freshId("keyed");
  const plain = freshId("plain");
  const inputOf = (client: number) => (round: number) =>
    client % 2 === 0
      ? { counter: keyed, idempotencyKey: `client ${client} round ${round}`.replaceAll(" ", "-") }
      : { counter: plain };

  let answered = 0;
  let killing: Promise<void> | undefined;
  const killMidway = () => {
    answered += 1;
    if (answered > (CLIENTS * ADDS_EACH) / 3) killing ??= nodes[3]!.kill("SIGKILL");
  };
  const outcomes = await Promise.all(
    Array.from({ length: CLIENTS }, (_, client) =>
      addOneByOne(nodes[Math.floor(client / 2) % 4]!.url, inputOf(client), killMidway),
    ),
  );
  await killing;

  const values = new Map<string, number[]>([
    [keyed, []],
    [plain, []],
  ]);
  const unanswered: object[] = [];
  for (const [client, answers] of outcomes.entries()) {
    for (const [round, answer] of answers.entries()) {
      const input = inputOf(client)(round);
      if (answer === null) unanswered.push(input);
      else values.get((input as { counter: string }).counter)!.push(dataOf(answer).value);
    }
  }
  // The node was handling calls when it was killed.
  expect(unanswered.length).toBeGreaterThan(0);
  expect(outcomes.filter((answers) => answers.length < ADDS_EACH).length).toBeGreaterThan(0);

  const presentValueOf = async (counter: string) =>
    dataOf(await server.call("counter.get", { counter })).value;
  // Without a key, an add without a reply may or may not count. Each add with a reply counts. No two replies have the
  // same value.
  const plainValues = values.get(plain)!;
  const plainLost = unanswered.filter((input) => !("idempotencyKey" in input)).length;
  expect(new Set(plainValues).size).toBe(plainValues.length);
  expect(await presentValueOf(plain)).toBeGreaterThanOrEqual(plainValues.length);
  expect(await presentValueOf(plain)).toBeLessThanOrEqual(plainValues.length + plainLost);

  // With a key, an add without a reply is sent again to two other nodes at once, and counts once.
  const other = await restDriver.open(nodes[1]!.url, TEST_API_KEY);
  const keyedValues = values.get(keyed)!;
  for (const input of unanswered.filter((input) => "idempotencyKey" in input)) {
    const again = await Promise.all([other.call("counter.add", input), server.call("counter.add", input)]);
    expect(again[0]).toEqual(again[1]);
    keyedValues.push(dataOf(again[0]).value);
  }
  expect(await presentValueOf(keyed)).toBe(keyedValues.length);
  const rising = keyedValues.toSorted((one, other) => one - other);
  expect(rising).toEqual(Array.from({ length: keyedValues.length }, (_, at) => at + 1));
});
