import type { OutputOf } from "@grandstand/shared/contract";
import { expect, it, onTestFinished } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf, failure } from "../support/acks.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openWebSocket, type WebSocketClient } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode } from "../support/in-process-node.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";

type Records = OutputOf<"admin.trace">["records"];

it("OP15: a trace shows on which node a user's message was published, each connection it was handed to, and why a client resynced", async () => {
  const settings = { GRANDSTAND_PREFIX: freshPrefix() };
  const [near, far] = await Promise.all([startTestNode(settings), startTestNode(settings)]);
  onTestFinished(async () => {
    await Promise.all([near.close(), far.close()]);
  });
  const server = await restDriver.open(far.url, TEST_API_KEY);
  const [room, elsewhere] = [freshId("room"), freshId("room")];
  const [ada, bo] = [await newGuest(near.url), await newGuest(near.url)];
  const follow = async (url: string, token: string) => {
    const client = await openWebSocket(url, token);
    for (const one of [room, elsewhere])
      dataOf(await client.call("channel.subscribe", { channel: `chat:${one}` }));
    return client;
  };
  const nearAda = await follow(near.url, ada.token);
  const farAda = await follow(far.url, ada.token);
  const farBo = await follow(far.url, bo.token);
  const idOf = ({ connected }: WebSocketClient) =>
    dataOf(connected!) as { connectionId: string; nodeId: string };
  const nearId = idOf(nearAda).nodeId;
  const farId = idOf(farAda).nodeId;

  const { trace, endsAt } = dataOf(await server.call("admin.beginTrace", { room, user: ada.user.id }));
  expect(Date.parse(endsAt)).toBeGreaterThan(Date.now());
  const records = async (): Promise<Records> =>
    (dataOf(await server.call("admin.trace", { trace, limit: 500 })) as OutputOf<"admin.trace">).records;
  const of = (all: Records, kind: string, offset: number) =>
    all.filter(({ kind: own, first, last }) => own === kind && first! <= offset && offset <= last!);
  const receivers = (all: Records) =>
    all.flatMap((record) => record.receivers.map((one) => one.connectionId)).sort();

  // The node `near` learns of the trace a moment after `far`. Until then, `near` records nothing.
  const offset = await eventually(async () => {
    dataOf(await nearAda.call("chat.send", { room, text: "Hello" }));
    const all = await records();
    const whole = all.find(({ kind, last }) => kind === "published" && of(all, "handed", last!).length === 2);
    expect(whole).toBeDefined();
    return whole!.last!;
  });
  const first = await records();
  expect(of(first, "published", offset)[0]).toMatchObject({
    nodeId: nearId,
    detail: "chat.send",
    receivers: [{ connectionId: idOf(nearAda).connectionId, user: ada.user.id, transport: "websocket" }],
  });
  const handed = of(first, "handed", offset);
  expect(handed.map(({ nodeId }) => nodeId).sort()).toEqual([nearId, farId].sort());
  expect(receivers(handed)).toEqual(
    [nearAda, farAda, farBo].map((client) => idOf(client).connectionId).sort(),
  );

  // Of other users' messages, the trace shows only the delivery to the traced user. It shows nothing of other
  // rooms.
  dataOf(await farBo.call("chat.send", { room: elsewhere, text: "Elsewhere" }));
  const { message: answer } = dataOf(await farBo.call("chat.send", { room, text: "Hello, Ada" }));
  await eventually(async () => {
    const all = await records();
    expect(receivers(of(all, "handed", answer.offset))).toEqual(
      [nearAda, farAda].map((client) => idOf(client).connectionId).sort(),
    );
    expect(of(all, "published", answer.offset)).toEqual([]);
    // The message in the other room has the offset 1.
    expect(of(all.slice(first.length), "handed", 1)).toEqual([]);
  });

  const since = { epoch: "another", offset: 1 };
  dataOf(await nearAda.call("channel.subscribe", { channel: `chat:${room}`, since }));
  await eventually(async () =>
    expect((await records()).map(({ kind, detail }) => [kind, detail])).toContainEqual([
      "subscribed",
      "epoch",
    ]),
  );
  await nearAda.close();
  await eventually(async () =>
    expect((await records()).map(({ kind, detail }) => [kind, detail])).toContainEqual(["left", "client"]),
  );
  expect((await records()).every(({ droppedBefore }) => droppedBefore === 0)).toBe(true);

  dataOf(await server.call("admin.endTrace", { trace }));
  // Records that a node had not written yet still arrive.
  let cursor = "0-0";
  await eventually(async () => {
    const page = dataOf(await server.call("admin.trace", { trace, limit: 500, cursor }));
    cursor = page.nextCursor;
    expect(page).toMatchObject({ endsAt: null, records: [] });
  });
  expect(await server.call("admin.trace", { trace: "tr_0123456789abcdef" })).toMatchObject(
    failure("not_found"),
  );
  await Promise.all([farAda, farBo].map((client) => client.close()));
});
