import { once } from "node:events";
import { WebSocket } from "ws";
import { jsonOf } from "./hostile.js";
import { aimed, type Attacker, type Target } from "./target.js";
import { faultOfAck } from "./wire-form.js";

/** Plain WebSocket. What closes the connection is followed by another one. */
export function webSocketTarget(port: number, attacker: Attacker): Target {
  const waiting = new Map<number, (answer: unknown) => void>();
  let socket: WebSocket | null = null;
  let lastId = 0;

  async function open(): Promise<WebSocket> {
    if (socket?.readyState === WebSocket.OPEN) return socket;
    const opened = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`);
    opened.on("error", () => {});
    opened.on("message", (text) => {
      const { id, push: _, ...answer } = JSON.parse(String(text));
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
    opened.on("close", () => {
      for (const answered of waiting.values()) answered(null);
      waiting.clear();
    });
    await once(opened, "open");
    if (attacker.token !== null) {
      opened.send(JSON.stringify({ id: 0, op: "connect", data: { token: attacker.token } }));
    }
    socket = opened;
    return opened;
  }

  return {
    name: `WebSocket as ${attacker.name}`,
    async attack({ operation, input }) {
      const opened = await open();
      lastId += 1;
      const id = lastId;
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      opened.send(aimed(`{"id":${id},"op":"${operation}","data":${jsonOf(input)}}`, attacker));
      const answered = await answer;
      return answered === null ? "the connection was closed instead" : faultOfAck(answered, operation);
    },
    async junk(text) {
      const opened = await open();
      const half = Math.floor(text.length / 2);
      opened.send(text);
      opened.send(Buffer.from(text));
      opened.send(text.slice(0, half), { fin: false });
      opened.send(text.slice(half), { fin: true });
      opened.ping(text.slice(0, 30));
      await once(opened, "pong");
    },
    close: async () => {
      if (socket === null || socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, "close");
    },
  };
}
