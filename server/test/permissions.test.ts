import { type ChannelAccess, isChannelAccess, type Right, rights, rightsOf } from "@grandstand/shared/access";
import { channelContracts } from "@grandstand/shared/channel-contracts";
import { contract, type OperationName, operationNames } from "@grandstand/shared/contract";
import type { Ack } from "@grandstand/shared/frames";
import type { Operation } from "@grandstand/shared/operation";
import { actionOf } from "@grandstand/shared/scopes";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Caller, Capability } from "../src/core/caller.js";
import { dataOf, failure } from "./support/acks.js";
import { callDrivers } from "./support/drivers/call-drivers.js";
import type { Client, Driver } from "./support/drivers/driver.js";
import { restDriver } from "./support/drivers/rest-driver.js";
import { openSocketIo } from "./support/drivers/socketio-driver.js";
import { sseDriver } from "./support/drivers/sse-driver.js";
import { openWebSocket } from "./support/drivers/websocket-driver.js";
import { eventually } from "./support/eventually.js";
import { startTestNode, type TestNode } from "./support/in-process-node.js";
import { freshId, TEST_API_KEY } from "./support/names.js";
import type { Example } from "./support/permissions/example.js";
import { examples } from "./support/permissions/examples.js";
import { CallerTokens } from "./support/permissions/tokens.js";
import { connectTestRedis, type TestRedis } from "./support/redis-client.js";
import { TOKEN_SECRET } from "./support/tokens.js";

let node: TestNode;
let tokens: CallerTokens;
let redis: TestRedis;

beforeAll(async () => {
  [node, redis] = await Promise.all([
    startTestNode({ GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET }),
    connectTestRedis(),
  ]);
  tokens = new CallerTokens(node.url, await restDriver.open(node.url, TEST_API_KEY));
});

afterAll(async () => {
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));

  await Promise.all([node.close(), redis.close()]);
});

it("AU1: every operation and every kind of channel has an example of a call", () => {
  const shown = new Set(examples.map(({ operation }) => operation));
  expect([...shown].sort()).toEqual([...operationNames].sort());
  const subscriptions = examples.filter(({ operation }) => operation === "channel.subscribe");
  expect(subscriptions.map(({ about }) => about).sort()).toEqual(Object.keys(channelContracts).sort());
});

it.each(operationNames)("AU1: the permission rule of %s fits its input and its callers", (name) => {
  const { access, callers, input, isWrite }: Operation = contract[name];
  if (!isChannelAccess(access)) {
    expect(isWrite ? "write" : access).toBe(access);
    return;
  }
  expect(access.channel).toMatch(/^(\w+:)?(\{\w+\})?\*?$/);
  const [field] = /(?<=\{)\w+(?=\})/.exec(access.channel) ?? [];
  if (field !== undefined) expect(Object.keys(input.shape)).toContain(field);
  if (access.right === "administer") expect(callers).toBe("server");
  if (access.right === "subscribe") expect(isWrite).toBe(false);
});

describe.each(callDrivers)("$name", (driver) => {
  const shown = examples.filter(({ operation }) => driver !== restDriver || restOf(operation) !== null);
  const cases = shown.map((example) => ({ ...example, about: example.about ?? "" }));

  it.each(cases)(
    "AU1: $operation $about is refused to callers without the right, and changes nothing",
    async (example) => {
      await withExample(driver, example, async ({ me, channels, callWith }) => {
        const callers = await Promise.all(
          callersWithoutRight(example, me, channels).map(async ([who, caller, code]) => {
            return { who, caller, code, token: await tokens.for(caller) };
          }),
        );
        const before = await contentOf(redis.commands, node.prefix, channels);
        const refused = callers.map(async ({ who, caller, code, token }) => {
          const ack = await callWith(token);
          expect(ack, who).toMatchObject(failure(code));
          if (caller?.kind === "server") expect(ack, who).toMatchObject(brokenRule("scope"));
        });
        await Promise.all(refused);

        expect(changed(before, await contentOf(redis.commands, node.prefix, channels))).toEqual([]);
        expect(node.channelCount()).toBe(0);
      });
    },
  );

  it.each(cases)("AU1: $operation $about is open to callers with exactly the right", async (example) => {
    const { access }: Operation = contract[example.operation as OperationName];
    const ways = isChannelAccess(access) ? callersWithRight(example, access) : callersOfPlainCall(example);
    const allowed = ways.map(([who, callerOf]) =>
      withExample(driver, example, async ({ me, channels, callWith }) => {
        const ack = await callWith(await tokens.for(callerOf(me, channels)));
        expect(ack, who).toMatchObject(example.passesAs ? failure(example.passesAs) : { ok: true });
      }),
    );
    await Promise.all(allowed);
  });
});

describe.each([
  { name: "Socket.IO", open: openSocketIo },
  { name: "WebSocket", open: openWebSocket },
])("$name", ({ open }) => {
  it("AU3: a new token ends the subscriptions that it does not allow, and no others", async () => {
    const me = freshId("user");
    const server = await restDriver.open(node.url, TEST_API_KEY);
    const [kept, lost] = [freshId("room"), freshId("room")];
    for (const room of [kept, lost]) {
      dataOf(await server.call("chat.configure", { room, visibility: "private" }));
    }
    const tokenOn = (...rooms: string[]) =>
      tokens.for(
        user(me, { caps: rooms.map((room) => ({ channels: [`*:${room}`], allow: ["subscribe"] })) }),
      );
    const client = await open(node.url, (await tokenOn(kept, lost))!);
    const channels = [`chat:${kept}`, `chat:${lost}`, `presence:${lost}`];
    for (const channel of channels) dataOf(await client.call("channel.subscribe", { channel }));
    dataOf(await client.call("auth.refresh", { token: await tokenOn(kept) }));
    const endedPushes = () =>
      client.pushes.filter(({ publications }) => publications.some(({ event }) => event === "channel.ended"));
    await eventually(() => expect(endedPushes()).toHaveLength(2));
    expect(
      endedPushes()
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual(channels.slice(1));
    expect(await client.call("channel.subscribe", { channel: channels[1] })).toMatchObject(
      failure("forbidden"),
    );
    dataOf(await server.call("chat.send", { room: kept, text: "hej" }));
    await eventually(() => expect(client.pushes.at(-1)).toMatchObject({ channel: channels[0] }));
    // A token without caps does not limit the user's channels, but this room is private.
    dataOf(await client.call("auth.refresh", { token: await tokens.for(user(me)) }));
    await eventually(() => expect(endedPushes()).toHaveLength(3));
    await client.close();
  });
});

describe("SSE", () => {
  const subscriptions = examples.filter(({ operation }) => operation === "channel.subscribe");

  it.each(subscriptions)(
    "AU1: the event stream of a $about channel opens only for callers with the right",
    async (example) => {
      await withExample(restDriver, example, async ({ me, channels }) => {
        const [channel] = channels as [string];
        const follow = async (caller: Caller) => {
          const follower = await sseDriver.follow(node.url, (await tokens.for(caller))!, { channel });
          await follower.close();
          return follower.reply;
        };
        for (const [who, caller, code] of callersWithoutRight(example, me, channels)) {
          if (caller !== null) expect(await follow(caller), who).toMatchObject(failure(code));
        }
        const { access }: Operation = contract["channel.subscribe"];
        for (const [who, callerOf] of callersWithRight(example, access as ChannelAccess)) {
          expect(await follow(callerOf(me, channels)!), who).toMatchObject({ ok: true });
        }
      });
    },
  );
});

function restOf(operation: string): Operation["rest"] {
  return (contract[operation as OperationName] as Operation).rest;
}

function brokenRule(rule: string) {
  return { error: { issues: [{ rule }] } };
}

function user(id: string, more: { caps?: Capability[]; role?: string; isGuest?: boolean } = {}): Caller {
  const { isGuest = false, ...rights } = more;
  return { kind: "user", user: { id, name: "Ann", avatar: null, isGuest }, ...rights };
}

function key(...scopes: string[]): Caller {
  return { kind: "server", keyName: "narrow", scopes };
}

const others = (some: readonly Right[]) => rights.filter((right) => !some.includes(right));

/** Callers without the right to make a call, each with the error code of the refusal. */
function callersWithoutRight(
  { operation, users }: Example,
  me: string,
  channels: string[],
): [who: string, caller: Caller | null, code: string][] {
  const { access, callers }: Operation = contract[operation as OperationName];
  const found: [string, Caller | null, string][] = [];
  if (callers !== "anyone") found.push(["nobody", null, "unauthenticated"]);
  const scope = scopeOf(operation, channels);
  if (scope !== null) {
    const [domain, way] = scope.split(":");
    const otherWay = way === "read" ? "write" : "read";
    const all = new Set(operationNames.map((name) => name.slice(0, name.indexOf("."))));
    const rest = [...all].filter((one) => one !== domain);
    found.push([
      "a key with all other scopes",
      key(`${domain}:${otherWay}`, ...rest.map((one) => `${one}:*`)),
      "forbidden",
    ]);
  }
  if (users === "may not") {
    found.push(
      ["a user", user(me), "forbidden"],
      ["a guest", user(me, { isGuest: true }), "forbidden"],
      ["a user with another role", user(me, { role: "admin" }), "forbidden"],
    );
  }
  if (!isChannelAccess(access)) return found;
  const all = [...rights];
  const anyOf = rightsOf(access);
  found.push(
    ["a user with empty caps", user(me, { caps: [] }), "forbidden"],
    [
      "a user with all rights elsewhere",
      user(me, { caps: [{ channels: elsewhere(channels), allow: all }] }),
      "forbidden",
    ],
    [
      "a user with all other rights",
      user(me, { caps: [{ channels: ["*"], allow: others(anyOf) }] }),
      "forbidden",
    ],
  );
  if (channels.length > 1) {
    for (const most of [channels.slice(1), channels.slice(0, -1)]) {
      const caps = [{ channels: most, allow: all }];
      found.push(["a user who has the right on all channels but one", user(me, { caps }), "forbidden"]);
    }
  }
  if (callers === "server" && !anyOf.includes("moderate")) {
    const caps = [{ channels: ["*"], allow: all }];
    found.push(["a user with all rights", user(me, { caps }), "forbidden"]);
  }
  if (callers === "server" && !isModeratedByRole(operation)) {
    found.push(["a moderator", user(me, { role: "moderator" }), "forbidden"]);
  }
  return found;
}

/** Whether the role `moderator` permits the operation. The role covers rooms and boards, but not counters. */
function isModeratedByRole(operation: string): boolean {
  const { access }: Operation = contract[operation as OperationName];
  const isOfModerators = isChannelAccess(access) && rightsOf(access).includes("moderate");
  return isOfModerators && !operation.startsWith("counter.");
}

/**
 * Channel patterns that do not match these channels: patterns of other kinds, and of names that are nearly
 * the same.
 */
function elsewhere(channels: string[]): string[] {
  const kinds = new Set(channels.map((channel) => channel.slice(0, channel.indexOf(":"))));
  return [
    ...["leaderboard", "presence", "chat", "counter"]
      .filter((kind) => !kinds.has(kind))
      .map((kind) => `${kind}:*`),
    ...channels.flatMap((channel) => [
      `${channel}x`,
      `x${channel}`,
      `${channel}:*`,
      `*:${channel}`,
      channel.slice(0, -1),
    ]),
  ];
}

type CallerCase = [who: string, callerOf: (me: string, channels: string[]) => Caller | null];

/** Callers with exactly the right that a call on channels needs. */
function callersWithRight({ operation, users, servers }: Example, access: ChannelAccess): CallerCase[] {
  const { callers }: Operation = contract[operation as OperationName];
  const found: CallerCase[] = [];
  if (servers !== "may not") {
    found.push(["a key with the scope", (_, channels) => key(scopeOf(operation, channels)!)]);
    found.push([
      "a key with the domain",
      (_, channels) => key(scopeOf(operation, channels)!.replace(/\w+$/, "*")),
    ]);
  }
  const anyOf = rightsOf(access);
  const byToken = callers === "server" ? anyOf.filter((right) => right === "moderate") : anyOf;
  for (const right of byToken) {
    found.push([
      `a user who may ${right}`,
      (me, channels) => user(me, { caps: [{ channels, allow: [right] }] }),
    ]);
  }
  if (isModeratedByRole(operation)) {
    found.push(["a moderator", (me) => user(me, { role: "moderator" })]);
  }
  if (users === "may") found.push(["a user", (me) => user(me)]);
  return found;
}

/** Callers with the right to make a call that refers to no channel. */
function callersOfPlainCall({ operation, users, servers }: Example): CallerCase[] {
  const { callers }: Operation = contract[operation as OperationName];
  const scope = scopeOf(operation, []);
  const found: CallerCase[] = [];
  if (servers !== "may not") found.push(["a key with the scope", () => key(scope ?? "presence:read")]);
  if (callers !== "server" && users === "may")
    found.push(["a user with empty caps", (me) => user(me, { caps: [] })]);
  return found;
}

function scopeOf(operation: string, [channel]: string[]): string | null {
  const declared: Operation = contract[operation as OperationName];
  const way = actionOf(declared);
  if (way === null) return null;
  const domain = operation === "channel.subscribe" ? channel! : operation;
  return `${/^\w+/.exec(domain)![0]}:${way}`;
}

interface Call {
  me: string;
  channels: string[];
  callWith(token: string | null): Promise<Ack>;
}

/** Prepares an example. `callWith` makes the example's call over a new connection. */
async function withExample(
  driver: Driver,
  example: Example,
  calls: (call: Call) => Promise<void>,
): Promise<void> {
  const me = freshId("user");
  const server = await restDriver.open(node.url, TEST_API_KEY);
  const asUser = await restDriver.open(node.url, await tokens.for(user(me)));
  const { input, channels } = await example.prepare({ server, me: asUser, id: me });
  const callWith = async (token: string | null) => {
    const client = await opened(driver, token);
    if (client === null) return { ok: false, error: { code: "unauthenticated", message: "" } } as Ack;
    const ack = await client.call(example.operation, { ...input, ...(token && example.inputWith?.(token)) });
    await client.close();
    return ack;
  };
  await calls({ me, channels, callWith });
}

/** Opens a client; null if the transport refuses connections without credentials. */
async function opened(driver: Driver, token: string | null): Promise<Client | null> {
  if (token !== null) return driver.open(node.url, token);

  try {
    return await driver.open(node.url, null);
  } catch (error) {
    expect(error).toMatchObject({ data: { code: "unauthenticated" } });
    return null;
  }
}

/**
 * The keys of a node in Redis, each with its content. The content is read only for the keys that belong to `channels`,
 * and for the lists of all boards and of all counters. All other keys have the content "".
 *
 * These keys are left out, because they may change even if the call is refused:
 * - the background jobs
 * - the growth of counters, by which trending counters are ranked
 * - the ends of presence sessions, because the node may write an end some time after the session ended
 * - profiles, because a connection with a token stores the user's profile
 */
async function contentOf(commands: Redis, prefix: string, channels: string[]): Promise<Map<string, string>> {
  const names = (await commands.keys(`*${prefix}:*`)).filter(
    (name) => !/\{growth\}|jobs|\{profiles:|\{user:[^}]*\}:ended$/.test(name),
  );
  const ids = channels.map((channel) => `${channel.slice(channel.indexOf(":"))}}`);
  const isCompared = (name: string) =>
    /:(boards|counters)$/.test(name) || ids.some((id) => name.includes(id));
  const content = names.map(
    async (name): Promise<[string, string]> => [
      name,
      isCompared(name) ? String((await commands.dumpBuffer(name))?.toString("hex")) : "",
    ],
  );
  return new Map(await Promise.all(content));
}

/**
 * The keys that were added, removed or changed. A key with the content "" may be missing in `after`, because it may have
 * expired.
 */
function changed(before: Map<string, string>, after: Map<string, string>): string[] {
  const lost = [...before].filter(([name, content]) => content !== "" && !after.has(name));
  const others = [...after].filter(([name, content]) => before.get(name) !== content);
  return [...lost, ...others].map(([name]) => name);
}
