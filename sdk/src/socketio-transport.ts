import type { Push } from "@grandstand/shared/channels";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { Ack, Welcome } from "@grandstand/shared/frames";
import { Manager, type Socket } from "socket.io-client";
import type { Ending, OpenTransport } from "./transport.js";

type ServerEvents = {
  welcome: (welcome: Welcome) => void;
  closing: (closing: { code: number; reason: string; reconnectAfterMs?: number }) => void;
  expiring: () => void;
  push: (push: Push) => void;
};
type ClientEvents = Record<string, (input: unknown, ack: (ack: Ack) => void) => void>;

/** Socket.IO. A connection begins with the first of `transports` and upgrades to a later one of them if possible. */
export function socketIoTransport(transports: ("websocket" | "polling")[]): OpenTransport {
  return ({ origin, prefix }, token, observer) => {
    let isOver = false;
    const close = () => {
      isOver = true;
      socket.disconnect();
    };
    const end = (ending: Ending) => {
      if (isOver) return;
      close();
      observer.onEnd(ending);
    };
    const whileOpen =
      <Args extends unknown[]>(listener: (...args: Args) => void) =>
      (...args: Args) => {
        if (!isOver) listener(...args);
      };

    const manager = new Manager(origin, {
      path: `${prefix}/socket.io`,
      transports,
      autoConnect: false,
      reconnection: false,
      withCredentials: token === null,
    });
    manager.on("open", () => {
      manager.engine.on("packet", whileOpen(observer.onReceived));
      if (!isOver) observer.onOpen();
    });
    const socket: Socket<ServerEvents, ClientEvents> = manager.socket("/", {
      auth: token === null ? {} : { token },
    });
    socket.on("welcome", whileOpen(observer.onWelcome));
    socket.on("push", whileOpen(observer.onPush));
    socket.on("expiring", whileOpen(observer.onExpiring));
    socket.on("closing", (closing) => end({ kind: "closed", ...closing }));
    socket.on("connect_error", (failure) => end(endingOf(failure)));
    socket.on("disconnect", (reason) => end(lost("The connection was lost", reason)));
    socket.connect();
    return {
      send: (operation, inputJson, onReply) => socket.emit(operation, JSON.parse(inputJson), onReply),
      close,
    };
  };
}

function endingOf(failure: Error & { data?: Partial<WireError> }): Ending {
  const { data } = failure;
  return typeof data?.code === "string" && typeof data.message === "string"
    ? { kind: "refused", error: GrandstandError.fromWire(data as WireError) }
    : lost("The server can't be reached", failure);
}

function lost(message: string, cause: unknown): Ending {
  return { kind: "lost", error: new GrandstandError("unavailable", message, { cause }) };
}
