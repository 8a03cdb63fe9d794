import type { Profile } from "@grandstand/shared/user";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import type { ProfileSettings } from "../../src/config/config.js";
import { profilePace } from "../../src/config/profiles.js";
import { dataOf, failure } from "../support/acks.js";
import type { Client, Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { readMetrics } from "../support/metrics.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { type Receiver, startRawReceiver, startReceiver } from "../support/receiver.js";

const SECRET = "the secret of the app's backend in tests";
/** Timeouts are long, so that the tests pass on a slow machine. Delays are short, because tests wait for them. */
const pace = { ...profilePace, claimMs: 60_000, waitMs: 2_000, retryMs: 20, pauseMs: 10 };

let backend: Receiver;
/** The profiles in the app's backend, by user id. */
const profiles = new Map<string, object>();
/** Two nodes that share their data, and a third node with data of its own. */
let nodes: TestNode[];
let clients: Client[];
/** A client of a node that waits only a short time for the backend. */
let impatient: Client;
let user: string;
let board: string;

beforeAll(async () => {
  backend = await startReceiver();
  const pair = await startNodes(2);
  const single = await startNodes(1, { waitMs: 20, fetchMs: 50 });
  nodes = [...pair, ...single];
  impatient = await restDriver.open(single[0]!.url, TEST_API_KEY);
  clients = await Promise.all(pair.map(({ url }) => restDriver.open(url, TEST_API_KEY)));
});

afterAll(async () => {
  for (const node of nodes) await node.close();
  await backend.close();
});

beforeEach(async () => {
  [user, board] = [freshId("user"), freshId("board")];
  backend.requests.length = 0;
  backend.answer(({ path }, response) => {
    const profile = profiles.get(decodeURIComponent(path.split("/").at(-1)!));
    response.statusCode = profile === undefined ? 404 : 200;
    response.end(JSON.stringify(profile ?? {}));
  });
  for (const client of [clients[0]!, impatient]) await configure(client);
});

async function configure(client: Client): Promise<void> {
  dataOf(await client.call("leaderboard.configure", { board, order: "desc" }));
}

async function startNodes(count: number, changes: Partial<ProfileSettings> = {}): Promise<TestNode[]> {
  const prefix = freshPrefix();
  const settings = { url: `${backend.url}/api/users/{user}`, secret: SECRET, ...pace, ...changes };
  const started: TestNode[] = [];
  for (let number = 0; number < count; number += 1) {
    started.push(await startTestNode({ GRANDSTAND_PREFIX: prefix }, undefined, { profiles: settings }));
  }
  return started;
}

/** Starts a node with data of its own. @returns a client of the node */
async function clientOf(changes: Partial<ProfileSettings>) {
  const [node] = await startNodes(1, changes);
  onTestFinished(() => node!.close());
  const client = await restDriver.open(node!.url, TEST_API_KEY);
  await configure(client);
  return client;
}

const named = (name: string): Profile => ({ name, avatar: null });

async function shown(client: Client, member = user): Promise<Profile | null> {
  return dataOf(await client.call("leaderboard.entry", { board, member })).profile;
}

async function submit(client: Client, member = user, profile?: Profile) {
  return dataOf(await client.call("leaderboard.submit", { board, member, score: 1, profile })).entry;
}

function renamesIn({ pushes }: Follower) {
  return pushes
    .flatMap(({ publications }) => publications)
    .filter(({ event }) => event === "profile.updated")
    .map(({ data }) => data);
}

const requestsFor = (id: string) =>
  backend.requests.filter(({ path }) => path.endsWith(`/${encodeURIComponent(id)}`));

it("OP8: a profile comes from the app's backend, fetched once for all nodes", async () => {
  profiles.set(user, { name: "Ada", avatar: "https://example.com/a.png", email: "not for others" });
  const entry = await submit(clients[0]!, user, named("From the server"));
  const ada = { name: "Ada", avatar: "https://example.com/a.png" };
  expect(entry.profile).toEqual(ada);
  const reads = await Promise.all([...clients, ...clients, ...clients].map((client) => shown(client)));
  expect(reads).toEqual(reads.map(() => ada));
  expect(requestsFor(user)).toHaveLength(1);
  expect(requestsFor(user)[0]).toMatchObject({
    path: `/api/users/${user}`,
    headers: { authorization: `Bearer ${SECRET}`, accept: "application/json" },
  });
  // With a profile source, a profile can't be set by a call.
  expect(await clients[0]!.call("user.setProfile", { user, name: "Other" })).toMatchObject(
    failure("conflict"),
  );
});

it("OP8: concurrent first reads on two nodes wait for the same fetch", async () => {
  await submit(clients[0]!);
  const other = freshId("user");
  dataOf(await clients[0]!.call("leaderboard.submitMany", { board, scores: [{ member: other, score: 3 }] }));
  profiles.set(other, { name: "Bo" });
  const reads = await Promise.all([...clients, ...clients].map((client) => shown(client, other)));
  expect(reads).toEqual(reads.map(() => named("Bo")));
  expect(requestsFor(other)).toHaveLength(1);
});

it("OP8: an invalidation fetches the profile again, and live clients of every node get profile.updated", async () => {
  profiles.set(user, named("Ada"));
  await submit(clients[0]!);
  const follower = await webSocketDriver.follow(nodes[1]!.url, TEST_API_KEY, {
    channel: `leaderboard:${board}`,
  });
  onTestFinished(() => follower.close());
  expect(dataOf(follower.reply).snapshot.entries[0].profile).toEqual(named("Ada"));
  profiles.set(user, named("Countess"));
  expect(dataOf(await clients[0]!.call("user.invalidateProfile", { user }))).toEqual({
    user,
    profile: named("Countess"),
  });
  await eventually(() => expect(renamesIn(follower)).toEqual([{ user, profile: named("Countess") }]));
  expect(await shown(clients[1]!)).toEqual(named("Countess"));
});

it("OP8: a user who is unknown to the backend keeps the profile of the entry, and is not fetched again", async () => {
  expect((await submit(clients[0]!, user, named("Guest"))).profile).toEqual(named("Guest"));
  for (const client of [...clients, ...clients]) expect(await shown(client)).toEqual(named("Guest"));
  expect(requestsFor(user)).toHaveLength(1);
});

it("OP8: an id with `/`, `?` or `#` is encoded in the path of the backend's URL", async () => {
  const member = "a/../b?c#d";
  await submit(clients[0]!, member, named("Kept"));
  expect(await shown(clients[1]!, member)).toEqual(named("Kept"));
  expect(backend.requests.map(({ path }) => path)).toEqual(["/api/users/a%2F..%2Fb%3Fc%23d"]);
});

it("OP8: an old profile is fetched again, and is still shown while the backend is down", async () => {
  const client = await clientOf({ freshMs: 1, claimMs: 500 });
  profiles.set(user, named("Ada"));
  await submit(client);
  expect(await shown(client)).toEqual(named("Ada"));
  profiles.set(user, named("Ada 2"));
  await eventually(async () => expect(await shown(client)).toEqual(named("Ada 2")));
  backend.answer((_, response) => {
    response.statusCode = 500;
    response.end("down");
  });
  backend.requests.length = 0;
  await eventually(async () => {
    expect(await shown(client)).toEqual(named("Ada 2"));
    expect(requestsFor(user).length).toBeGreaterThan(1);
  });
}, 60_000);

/** Responses of the backend that contain no valid profile. */
const faults: [string, Parameters<Receiver["answer"]>[0]][] = [
  ["HTML instead of JSON", (_, response) => void response.end("<html>")],
  ["a JSON array", (_, response) => void response.end("[1]")],
  ["null", (_, response) => void response.end("null")],
  ["a name of another type", (_, response) => void response.end('{"name":7}')],
  ["an invisible name", (_, response) => void response.end('{"name":"\\u200b"}')],
  [
    "an answer that is too long",
    (_, response) => void response.end(JSON.stringify({ name: "Ada", more: "x".repeat(20_000) })),
  ],
  ["the status 500", (_, response) => void response.writeHead(500).end()],
  [
    "a redirect",
    (_, response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
  ],
  ["a closed connection", (_, response) => void response.destroy()],
  ["no answer", () => {}],
];

it.each(faults)(
  "OP8: if the backend gives %s, the user keeps the profile that the server stated",
  async (_, answer) => {
    profiles.set(user, named("Right"));
    backend.answer(answer);
    expect((await submit(impatient, user, named("Stated"))).profile).toEqual(named("Stated"));
    await eventually(() => expect(requestsFor(user).length).toBeGreaterThan(0));
    expect(await shown(impatient)).toEqual(named("Stated"));
  },
);

it("OP8: the result of a fetch is not stored if the profile was invalidated meanwhile", async () => {
  const client = clients[0]!;
  const answers: (() => void)[] = [];
  let name = "Old";
  backend.answer((_, response) => {
    const body = JSON.stringify({ name });
    answers.push(() => response.end(body));
  });
  const submitting = submit(client);
  await eventually(() => expect(answers).toHaveLength(1));
  name = "New";
  const invalidating = client.call("user.invalidateProfile", { user });
  await eventually(() => expect(answers).toHaveLength(2));
  answers[1]!();
  expect(dataOf(await invalidating).profile).toEqual(named("New"));
  answers[0]!();
  expect((await submitting).profile).toEqual(named("New"));
  expect(await shown(client)).toEqual(named("New"));
});

it("OP8: if the backend is not an HTTP server, the user keeps the profile that the server stated", async () => {
  const raw = await startRawReceiver((socket) => socket.end("220 mail.example.com ESMTP\r\n"));
  onTestFinished(() => raw.close());
  const client = await clientOf({ url: `${raw.url}/{user}`, waitMs: 20 });
  expect((await submit(client, user, named("Stated"))).profile).toEqual(named("Stated"));
});

it("OP1, OP8: a metric counts fetches by outcome, and a backend that is down does not get a fetch per user", async () => {
  const [node] = await startNodes(1, { pauseMs: 600_000, waitMs: 20 });
  onTestFinished(() => node!.close());
  const client = await restDriver.open(node!.url, TEST_API_KEY);
  await configure(client);
  const answers = { found: "ada", unknown: "bo", invalid: "cy", failed: "di" };
  backend.answer(({ path }, response) => {
    const name = path.slice(path.lastIndexOf("/") + 1, path.indexOf("-"));
    response.writeHead({ bo: 404, di: 503 }[name] ?? 200).end(name === "cy" ? "[]" : '{"name":"Ada"}');
  });
  const metric = "grandstand_profile_fetch_duration_seconds_count";
  for (const [outcome, name] of Object.entries(answers)) {
    await submit(client, freshId(name));
    await eventually(async () =>
      expect((await readMetrics(node!.metricsUrl!)).value(metric, { outcome })).toBe(1),
    );
  }
  // After the failed fetch, the node makes no fetch until its pause ends.
  for (const name of ["ed", "flo"]) expect((await submit(client, freshId(name))).profile).toBeNull();
  expect((await readMetrics(node!.metricsUrl!)).value(metric)).toBe(4);
});
