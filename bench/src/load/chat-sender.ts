import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { Ack } from "@grandstand/shared/frames";
import type { Socket } from "socket.io-client";
import { serve } from "../processes/service.js";
import { call, connect, follow } from "./chat-socket.js";

/** A text of typical length. */
const TEXT = "Row two, always row two: the light comes back there sooner than anywhere.";
/** The pause between the messages of `measureLone`, so that the nodes are idle when the next message comes. */
const LONE_EVERY_MS = 10;

const methods = {
  /** Sends at a steady rate, to each node in turn. Resolves when all messages are acknowledged. */
  async sendPaced(load: Cluster & { perSecond: number; seconds: number }): Promise<number> {
    const sockets = await Promise.all(load.urls.map((url) => connect(url, load.token)));
    const count = load.perSecond * load.seconds;
    const startedAt = performance.now();
    const sent: Promise<void>[] = [];
    for (let at = 0; at < count; at += 1) {
      const waitMs = startedAt + (at * 1_000) / load.perSecond - performance.now();
      if (waitMs > 0) await setTimeout(waitMs);
      sent.push(send(sockets[at % sockets.length]!, load.room));
    }
    await Promise.all(sent);
    for (const socket of sockets) socket.disconnect();
    return count;
  },

  /** Sends messages one by one to the first node. @returns the ms until each message reached the last node's reader */
  async measureLone(load: Cluster & { count: number }): Promise<number[]> {
    const [sender, reader] = await Promise.all(
      [load.urls.at(0)!, load.urls.at(-1)!].map((url) => connect(url, load.token)),
    );
    let arrived: (text: string) => void = () => {};
    await follow(reader!, load.room, ({ publications }) => {
      for (const { data } of publications) arrived((data as ChatMessage).text);
    });
    const latencies: number[] = [];
    for (let at = 0; at < load.count; at += 1) {
      const text = `${TEXT} ${at}`;
      latencies.push(await latencyOf(sender!, load.room, text, (listener) => (arrived = listener)));
      await setTimeout(LONE_EVERY_MS);
    }
    for (const socket of [sender!, reader!]) socket.disconnect();
    return latencies;
  },
};

interface Cluster {
  urls: string[];
  token: string;
  room: string;
}

export type ChatSender = typeof methods;

serve(methods);

/** Sends a message. While the server replies `unavailable`, sends it again with the same idempotency key. */
async function send(socket: Socket, room: string): Promise<void> {
  const input = { room, text: TEXT, idempotencyKey: randomUUID() };
  for (;;) {
    const ack = (await socket.emitWithAck("chat.send", input)) as Ack;
    if (ack.ok) return;
    if (ack.error.code !== "unavailable") throw new Error(ack.error.message);
    await setTimeout(ack.error.retryAfterMs ?? 500);
  }
}

async function latencyOf(
  sender: Socket,
  room: string,
  text: string,
  listen: (listener: (text: string) => void) => void,
): Promise<number> {
  const sentAt = performance.now();
  const arrival = new Promise<number>((resolve) => {
    listen((arrived) => {
      if (arrived === text) resolve(performance.now() - sentAt);
    });
  });
  await call(sender, "chat.send", { room, text });
  return arrival;
}
