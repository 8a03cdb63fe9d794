import { setTimeout } from "node:timers/promises";
import { afterEach, expect, inject, it } from "vitest";
import { accountOf } from "../../src/verify/account.js";
import { Reader } from "../../src/verify/reader.js";
import { transports } from "../../src/verify/transports.js";
import { Writer } from "../../src/verify/writer.js";
import { dataOf } from "../support/acks.js";
import { type Balancer, balancerKinds } from "../support/balancers/balancer.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { startNode } from "../support/node-process.js";
import { watchPresence } from "../support/presence-watch.js";
import { type PresentUser, presentUser } from "../support/present-users.js";
import { RestAdder } from "../support/rest-adder.js";

/** `npm run rolling-restart` uses more clients. */
const CLIENTS = Number(process.env.ROLLING_CLIENTS ?? 60);
const WRITERS = 12;
const USERS = Math.floor(CLIENTS / 4);
const READERS = CLIENTS - USERS - WRITERS;

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const nginx = balancerKinds.find(({ name }) => name === "nginx")!;

it.skipIf(nginx.program === undefined)(
  `OP2: a rolling restart of three nodes behind nginx with ${CLIENTS} clients loses, doubles and reorders nothing, shows no leave, and fails no call`,
  { timeout: 120_000 + 100 * CLIENTS },
  async () => {
    const prefix = freshPrefix();
    const env = { GRANDSTAND_TRUSTED_PROXIES: "127.0.0.1", GRANDSTAND_DRAIN_DELAY_MS: "500" };
    const start = (port = 0) => startNode({ redisUrl: inject("redisUrl"), prefix, port, env });
    const nodes = await Promise.all([start(), start(), start()]);
    ends.push(() => Promise.all(nodes.map((node) => node.stop())));
    const ports = nodes.map(({ port }) => port);
    const balancer: Balancer = await nginx.start(ports);
    ends.push(() => balancer.stop());
    const urlOf = () => balancer.url;
    const server = await restDriver.open(balancer.url, TEST_API_KEY);
    const [room, counter] = [freshId("room"), freshId("counter")];
    await server.call("chat.configure", { room, logSize: 10_000 });
    await server.call("counter.configure", { counter });

    const names = Object.keys(transports);
    const readers = Array.from(
      { length: READERS },
      (_, at) =>
        new Reader({
          name: `reader ${at}`,
          transport: names[at % names.length]!,
          room,
          token: TEST_API_KEY,
          chooseUrl: urlOf,
        }),
    );
    for (const reader of readers) reader.open();
    ends.push(() => readers.map((reader) => reader.close()));
    const watch = await watchPresence(inject("redisUrl"), prefix, room);
    ends.push(watch.stop);
    const users: PresentUser[] = await Promise.all(
      Array.from({ length: USERS }, () => presentUser(urlOf, room)),
    );
    ends.push(() => Promise.all(users.map((user) => user.close())));
    await eventually(() => expect(readers.every(({ isLive }) => isLive)).toBe(true));
    await eventually(() => expect(watch.changes).toHaveLength(USERS));

    const drivers = [socketIoDriver, webSocketDriver, restDriver];
    const writers = Array.from(
      { length: WRITERS },
      (_, at) =>
        new Writer({
          name: `w${at}`,
          room,
          open: () => drivers[at % drivers.length]!.open(urlOf(), TEST_API_KEY),
          pauseMs: () => 100,
        }),
    );
    const adders = Array.from({ length: 4 }, () => new RestAdder(balancer.url, counter, 10));
    const working = Promise.all([...writers, ...adders].map((client) => client.run()));
    ends.push(() => [...writers, ...adders].map((client) => client.stop()));

    const restarts = [];
    for (const at of nodes.keys()) {
      const startedAt = performance.now();
      await nodes[at]!.stop();
      expect(nodes[at]!.exitCode).toBe(0);
      nodes[at] = await start(ports[at]);
      restarts.push({ name: "restart", startedAt });
      // Clients that this restart disconnected should be connected again before the next node stops.
      await setTimeout(200);
    }
    for (const client of [...writers, ...adders]) client.stop();
    await working;

    const { position } = dataOf(await server.call("chat.history", { room, limit: 1 }));
    await eventually(() =>
      expect(readers.every((reader) => reader.position?.offset === position.offset)).toBe(true),
    );
    const account = accountOf(
      readers,
      writers.flatMap(({ acknowledged }) => acknowledged),
      restarts,
    );
    const added = adders.reduce((sum, adder) => sum + adder.added, 0);
    console.log(JSON.stringify({ clients: CLIENTS, added, ...account }));
    expect(account.acknowledged).toBeGreaterThan(0);
    expect([account.unflagged, account.flagged, account.duplicated, account.reordered]).toEqual([
      [],
      0,
      [],
      [],
    ]);
    const failures = [...writers.flatMap(({ faults }) => faults), ...adders.flatMap(({ errors }) => errors)];
    expect(failures, balancer.output()).toEqual([]);
    expect(dataOf(await server.call("counter.get", { counter })).value).toBe(added);
    // Every reader and user reconnected at least once, and no user left the room.
    expect(readers.every(({ connects }) => connects > 1)).toBe(true);
    await eventually(() => expect(users.every(({ returns }) => returns > 0)).toBe(true));
    expect(watch.changes.map(({ kind }) => kind)).toEqual(Array(USERS).fill("j"));
  },
);
