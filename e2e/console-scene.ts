import { setTimeout as wait } from "node:timers/promises";
import { createClient } from "@grandstand/sdk";
import { startReceiver } from "../server/test/support/receiver.js";

/** Data for the screenshots of the console, in addition to the data of the demo. */
export interface Scene {
  /** The id of a webhook with dead letters. */
  webhook: string;
  /** The id of a trace of a user whose messages went to several connections. */
  trace: string;
  /** Makes each user send a message to the room, and one of them react to a message. */
  talk(): Promise<void>;
  close(): Promise<void>;
}

const USERS = ["Maya", "Kwame", "Ines", "Haruto"];

/** @param key an API key of the demo; the demo must allow webhooks with loopback addresses */
export async function prepareScene(url: string, key: string): Promise<Scene> {
  const receiver = await startReceiver();
  receiver.answer(({ path }, response) => void response.writeHead(path === "/orders" ? 410 : 204).end());
  const server = createClient({ url, token: key });
  const clients = await Promise.all(
    USERS.map(async (id) => {
      const { token } = await server.call("session.create", { user: { id, name: id } });
      const client = createClient({ url, token });
      client.channel("chat:terrace").subscribe({});
      return client;
    }),
  );
  const [maya, kwame] = clients;
  await server.call("webhook.create", { url: `${receiver.url}/events` });
  const { webhook } = await server.call("webhook.create", {
    url: `${receiver.url}/orders`,
    events: ["chat.message"],
    ids: ["terrace"],
  });
  const { trace } = await server.call("admin.beginTrace", { room: "terrace", user: "Maya", ttlMs: 900_000 });
  // Nodes learn of a new webhook with a delay, so messages are sent until the webhook has two dead letters.
  const lines = ["Who is up for a round?", "The claps are winning", "My best streak so far: 14"];
  for (let dead = 0, at = 0; dead < 2; at += 1) {
    await maya!.call("chat.send", { room: "terrace", text: lines[at % lines.length]! });
    await wait(500);
    ({ dead } = (await server.call("webhook.deliveries", { webhook: webhook.id })).counts);
  }
  await kwame!.call("chat.send", { room: "terrace", text: "Me, in a minute" });
  await maya!.call("chat.send", { room: "terrace", text: "See you on the board" });
  const talk = async () => {
    for (const [at, text] of ["Ready?", "Ready", "Go!", "That was close"].entries()) {
      await clients[at]!.call("chat.send", { room: "terrace", text });
    }
    await kwame!.call("chat.react", { room: "terrace", offset: 1, emoji: "👏" });
  };
  return {
    webhook: webhook.id,
    trace,
    talk,
    async close() {
      await server.call("admin.endTrace", { trace });
      for (const client of [...clients, server]) client.close();
      await receiver.close();
    },
  };
}
