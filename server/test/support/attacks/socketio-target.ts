import { once } from "node:events";
import { WebSocket } from "ws";
import { CallSocket } from "./call-socket.js";
import { jsonOf } from "./hostile-values.js";
import { violationInAck } from "./reply-checks.js";
import { type Attacker, type Target, withOwnId } from "./target.js";

/** The prefixes of packets in the protocols of Engine.IO and Socket.IO. */
const OPEN = "0";
const PING = "2";
const PONG = "3";
const CONNECTED = "40";
const REFUSED = "44";
const ACK = /^43(\d+)(\[.*)$/s;

/** A Socket.IO connection over WebSocket on which the test writes each packet. */
export interface RawSocketIo {
  socket: WebSocket;
  /** The packets that the server sent, without pings. */
  received: string[];
}

/** @param connect the packet that joins the namespace; null sends none */
export async function openRawSocketIo(port: number, connect: string | null): Promise<RawSocketIo> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const received: string[] = [];
  socket.on("error", () => {});
  const isAnswered = new Promise<void>((resolve) => {
    socket.on("close", () => resolve());
    socket.on("message", (message) => {
      const packet = String(message);
      if (packet === PING) {
        socket.send(PONG);
        return;
      }
      received.push(packet);
      if (connect === null || packet.startsWith(CONNECTED) || packet.startsWith(REFUSED)) resolve();
      if (packet.startsWith(OPEN) && connect !== null) socket.send(connect);
    });
  });
  await isAnswered;
  return { socket, received };
}

/** Attacks over Socket.IO. The attacker needs a token: a connection without one is refused. */
export function socketIoTarget(port: number, attacker: Attacker): Target {
  const connection = new CallSocket(async (onReply) => {
    const auth = attacker.token === null ? "" : JSON.stringify({ token: attacker.token });
    const { socket } = await openRawSocketIo(port, CONNECTED + auth);
    socket.on("message", (message) => {
      const [, id, acked] = ACK.exec(String(message)) ?? [];
      if (id !== undefined) onReply(Number(id), JSON.parse(acked!)[0]);
    });
    return socket;
  });

  return {
    name: `Socket.IO as ${attacker.name}`,
    async attack({ operation, input }) {
      const reply = await connection.call((id) =>
        withOwnId(`42${id}["${operation}",${jsonOf(input)}]`, attacker),
      );
      return reply === null ? "the connection was closed instead" : violationInAck(reply, operation);
    },
    async sendGarbage(text) {
      const socket = await connection.connected();
      for (const packet of [text, `4${text}`, `42${text}`, `42["${text}"]`, `451-["x",${text}]`])
        socket.send(packet);
      socket.send(Buffer.from(text));
      socket.terminate();
      await once(socket, "close");
    },
    close: () => connection.close(),
  };
}
