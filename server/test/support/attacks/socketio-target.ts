import { once } from "node:events";
import { WebSocket } from "ws";
import { AnsweredSocket } from "./answered-socket.js";
import { jsonOf } from "./hostile.js";
import { type Attacker, aimed, type Target } from "./target.js";
import { faultOfAck } from "./wire-form.js";

/** What Engine.IO and Socket.IO put in front of a packet's content. */
const OPEN = "0";
const PING = "2";
const PONG = "3";
const CONNECTED = "40";
const REFUSED = "44";
const ACK = /^43(\d+)(\[.*)$/s;

/** A Socket.IO connection over WebSocket, of which each packet is written by hand. */
export interface RawSocketIo {
  socket: WebSocket;
  /** What the server sent, pings aside. */
  received: string[];
}

/** @param connect the packet that joins the namespace; none is sent when null. */
export async function openRawSocketIo(port: number, connect: string | null): Promise<RawSocketIo> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const received: string[] = [];
  socket.on("error", () => {});
  const answered = new Promise<void>((resolve) => {
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
  await answered;
  return { socket, received };
}

/** Socket.IO, for who has a token: nobody else comes to call anything. */
export function socketIoTarget(port: number, attacker: Attacker): Target {
  const connection = new AnsweredSocket(async (onAnswer) => {
    const auth = attacker.token === null ? "" : JSON.stringify({ token: attacker.token });
    const { socket } = await openRawSocketIo(port, CONNECTED + auth);
    socket.on("message", (message) => {
      const [, id, acked] = ACK.exec(String(message)) ?? [];
      if (id !== undefined) onAnswer(Number(id), JSON.parse(acked!)[0]);
    });
    return socket;
  });

  return {
    name: `Socket.IO as ${attacker.name}`,
    async attack({ operation, input }) {
      const answered = await connection.ask((id) =>
        aimed(`42${id}["${operation}",${jsonOf(input)}]`, attacker),
      );
      return answered === null ? "the connection was closed instead" : faultOfAck(answered, operation);
    },
    async junk(text) {
      const socket = await connection.now();
      for (const packet of [text, `4${text}`, `42${text}`, `42["${text}"]`, `451-["x",${text}]`])
        socket.send(packet);
      socket.send(Buffer.from(text));
      socket.terminate();
      await once(socket, "close");
    },
    close: () => connection.close(),
  };
}
