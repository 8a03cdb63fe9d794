import { once } from "node:events";
import type { Push } from "@grandstand/shared/channels";
import type { Ack } from "@grandstand/shared/frames";
import { WebSocket } from "ws";
import type { Client, Driver, LiveDriver } from "./driver.js";

/** A plain WebSocket client that has sent its `connect` frame, unless it has no token. */
export interface WebSocketClient extends Client {
  socket: WebSocket;
  pushes: Push[];
  /** Frames with an `id` of null, and other unexpected frames. */
  strays: unknown[];
  /** The reply to `connect`. */
  connected: Ack | null;
}

export async function openWebSocket(
  url: string,
  token: string | null,
  headers: Record<string, string> = {},
): Promise<WebSocketClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`, { headers });
  const pushes: Push[] = [];
  const strays: unknown[] = [];
  const waiting = new Map<number, (ack: Ack) => void>();
  socket.on("message", (text) => {
    const { id, push, ...ack } = JSON.parse(String(text));
    const answered = waiting.get(id);
    if (push) pushes.push(push);
    else if (answered) answered(ack);
    else strays.push({ id, ...ack });
    waiting.delete(id);
  });
  await once(socket, "open");
  let lastId = 0;
  const call = (op: string, data: unknown = {}) => {
    lastId += 1;
    socket.send(JSON.stringify({ id: lastId, op, data }));
    return new Promise<Ack>((resolve) => waiting.set(lastId, resolve));
  };
  const connected = token === null ? null : await call("connect", { token });
  return {
    socket,
    pushes,
    strays,
    connected,
    call,
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, "close");
    },
  };
}

export const webSocketDriver: Driver & LiveDriver = {
  name: "WebSocket",
  open: openWebSocket,
  async follow(url, token, input) {
    const { pushes, call, close } = await openWebSocket(url, token);
    return { reply: await call("channel.subscribe", input), pushes, close };
  },
};
