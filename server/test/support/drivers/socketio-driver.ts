import type { Push } from "@grandstand/shared/channels";
import type { Ack, Welcome } from "@grandstand/shared/frames";
import { io, type Socket } from "socket.io-client";
import type { Client, Driver, LiveDriver } from "./driver.js";

/** A Socket.IO client that has received the event `welcome`. */
export interface SocketIoClient extends Client {
  socket: Socket;
  welcome: Welcome;
  pushes: Push[];
}

/** @throws the error of a refused connection */
export async function openSocketIo(url: string, token: string | null): Promise<SocketIoClient> {
  const socket = io(url, {
    auth: token === null ? {} : { token },
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
  });
  const pushes: Push[] = [];
  socket.on("push", (push: Push) => pushes.push(push));
  const welcome = await new Promise<Welcome>((resolve, reject) => {
    socket.on("welcome", resolve);
    socket.on("connect_error", reject);
  });
  return {
    socket,
    welcome,
    pushes,
    call: (operation, input = {}) => socket.emitWithAck(operation, input) as Promise<Ack>,
    close: async () => {
      socket.disconnect();
    },
  };
}

export const socketIoDriver: Driver & LiveDriver = {
  name: "Socket.IO",
  open: openSocketIo,
  async follow(url, token, input) {
    const { pushes, call, close } = await openSocketIo(url, token);
    return { reply: await call("channel.subscribe", input), pushes, close };
  },
};
