import { once } from "node:events";
import { WebSocket } from "ws";
import { CallSocket } from "./call-socket.js";
import { jsonOf } from "./hostile-values.js";
import { violationInAck } from "./reply-checks.js";
import { type Attacker, type Target, withOwnId } from "./target.js";

/** Attacks over plain WebSocket. Opens a new connection if the last was closed. */
export function webSocketTarget(port: number, attacker: Attacker): Target {
  const connection = new CallSocket(async (onReply) => {
    const opened = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`);
    opened.on("error", () => {});
    opened.on("message", (text) => {
      const { id, push: _, ...reply } = JSON.parse(String(text));
      onReply(id, reply);
    });
    await once(opened, "open");
    if (attacker.token !== null) {
      opened.send(JSON.stringify({ id: 0, op: "connect", data: { token: attacker.token } }));
    }
    return opened;
  });

  return {
    name: `WebSocket as ${attacker.name}`,
    async attack({ operation, input }) {
      const reply = await connection.call((id) =>
        withOwnId(`{"id":${id},"op":"${operation}","data":${jsonOf(input)}}`, attacker),
      );
      if (reply !== null) return violationInAck(reply, operation);
      // Without a token no `connect` frame is sent. The server closes such a connection after five seconds.
      return attacker.token === null ? null : "the connection was closed instead";
    },
    async sendGarbage(text) {
      const socket = await connection.connected();
      const half = Math.floor(text.length / 2);
      socket.send(text);
      socket.send(Buffer.from(text));
      socket.send(text.slice(0, half), { fin: false });
      socket.send(text.slice(half), { fin: true });
      socket.ping(text.slice(0, 30));
      await Promise.race([once(socket, "pong"), once(socket, "close")]);
    },
    close: () => connection.close(),
  };
}
