import type { Push } from "@grandstand/shared/channels";
import type { Ack } from "@grandstand/shared/frames";
import { io, type Socket } from "socket.io-client";

/** Opens a Socket.IO connection to Grandstand, or to the software that it is compared with. */
export async function connect(url: string, token: string): Promise<Socket> {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, auth: { token } });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
}

/** Calls an operation. @throws if the call is refused */
export async function call(socket: Socket, operation: string, input: object): Promise<void> {
  const ack = (await socket.emitWithAck(operation, input)) as Ack;
  if (!ack.ok) throw new Error(ack.error.message);
}

/** Subscribes to a room. */
export async function follow(socket: Socket, room: string, onPush: (push: Push) => void): Promise<void> {
  socket.on("push", onPush);
  await call(socket, "channel.subscribe", { channel: `chat:${room}` });
}
