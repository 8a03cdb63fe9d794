import { once } from "node:events";
import { WebSocket } from "ws";
import { AnsweredSocket } from "./answered-socket.js";
import { jsonOf } from "./hostile.js";
import { type Attacker, aimed, type Target } from "./target.js";
import { faultOfAck } from "./wire-form.js";

/** Plain WebSocket. What closes the connection is followed by another one. */
export function webSocketTarget(port: number, attacker: Attacker): Target {
  const connection = new AnsweredSocket(async (onAnswer) => {
    const opened = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`);
    opened.on("error", () => {});
    opened.on("message", (text) => {
      const { id, push: _, ...answer } = JSON.parse(String(text));
      onAnswer(id, answer);
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
      const answered = await connection.ask((id) =>
        aimed(`{"id":${id},"op":"${operation}","data":${jsonOf(input)}}`, attacker),
      );
      if (answered !== null) return faultOfAck(answered, operation);
      // Who does not say who it is has five seconds.
      return attacker.token === null ? null : "the connection was closed instead";
    },
    async junk(text) {
      const socket = await connection.now();
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
