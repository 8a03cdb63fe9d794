import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { WebSocket } from "ws";
import { serve } from "../processes/service.js";
import { openSession } from "./ws-session.js";

/** A text of typical length. Each message is the time of its call, followed by this text. */
const TEXT = "Row two, always row two: the light comes back there sooner than anywhere.";

export interface PacedSends {
  urls: string[];
  token: string;
  room: string;
  perSecond: number;
  seconds: number;
}

const methods = { sendPaced };

export type WsChatSender = typeof methods;

serve(methods);

/** Sends at a steady rate, to each node in turn. Resolves when all messages are acknowledged. */
async function sendPaced({ urls, token, room, perSecond, seconds }: PacedSends): Promise<number> {
  const sockets = await Promise.all(urls.map((url) => openSession(url, token)));
  const answers = sockets.map(answersOf);
  const count = perSecond * seconds;
  const startedAt = performance.now();
  const sent: Promise<void>[] = [];
  for (let at = 0; at < count; at += 1) {
    const waitMs = startedAt + (at * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await setTimeout(waitMs);
    const text = `${(performance.timeOrigin + performance.now()).toFixed(3)} ${TEXT}`;
    const data = { room, text, idempotencyKey: randomUUID() };
    sent.push(answers[at % sockets.length]!(at + 2, data));
  }
  await Promise.all(sent);
  for (const socket of sockets) socket.close();
  return count;
}

/** @returns a function that calls `chat.send` on the socket, and resolves once the server has acknowledged the message */
function answersOf(socket: WebSocket): (id: number, data: object) => Promise<void> {
  const waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  socket.on("message", (text: Buffer) => {
    const { id, ok, error } = JSON.parse(text.toString());
    if (ok) waiting.get(id)?.resolve();
    else waiting.get(id)?.reject(new Error(error.message));
    waiting.delete(id);
  });
  return (id, data) =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, op: "chat.send", data }));
    });
}
