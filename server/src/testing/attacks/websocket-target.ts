import { once } from "node:events";
import { WebSocket } from "ws";
import { jsonOf } from "./hostile.js";
import { type Attacker, aimed, type Target } from "./target.js";
import { faultOfAck } from "./wire-form.js";

/** Plain WebSocket. What closes the connection is followed by another one. */
export function webSocketTarget(port: number, attacker: Attacker): Target {
  const waiting = new Map<number, (answer: unknown) => void>();
  let current: Promise<WebSocket> | null = null;
  let lastId = 0;

  /** The connection, a new one behind one that was closed. */
  function socketNow(): Promise<WebSocket> {
    current ??= open();
    return current;
  }

  async function open(): Promise<WebSocket> {
    const opened = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`);
    opened.on("error", () => {});
    opened.on("message", (text) => {
      const { id, push: _, ...answer } = JSON.parse(String(text));
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
    opened.on("close", () => {
      current = null;
      for (const answered of waiting.values()) answered(null);
      waiting.clear();
    });
    await once(opened, "open");
    if (attacker.token !== null) {
      opened.send(JSON.stringify({ id: 0, op: "connect", data: { token: attacker.token } }));
    }
    return opened;
  }

  return {
    name: `WebSocket as ${attacker.name}`,
    async attack({ operation, input }) {
      const socket = await socketNow();
      lastId += 1;
      const id = lastId;
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      socket.send(aimed(`{"id":${id},"op":"${operation}","data":${jsonOf(input)}}`, attacker));
      const answered = await answer;
      if (answered !== null) return faultOfAck(answered, operation);
      // Who does not say who it is has five seconds.
      return attacker.token === null ? null : "the connection was closed instead";
    },
    async junk(text) {
      const socket = await socketNow();
      const half = Math.floor(text.length / 2);
      socket.send(text);
      socket.send(Buffer.from(text));
      socket.send(text.slice(0, half), { fin: false });
      socket.send(text.slice(half), { fin: true });
      socket.ping(text.slice(0, 30));
      await Promise.race([once(socket, "pong"), once(socket, "close")]);
    },
    async close() {
      const socket = await current;
      if (socket === null) return;
      socket.close();
      await once(socket, "close");
    },
  };
}
