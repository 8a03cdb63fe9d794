import type { Ack } from "@grandstand/shared/frames";
import { io, type Socket } from "socket.io-client";
import { type BaselineEvents, type BaselineMessage, EPOCH } from "./baseline-events.js";
import { connectionHandlers, type Listener, type OpenSubscription } from "./transports.js";
import type { WriterClient } from "./writer.js";

const OPTIONS = { transports: ["websocket"], forceNew: true, reconnection: false };
const ACK_TIMEOUT_MS = 5_000;

/**
 * The socket of each listener. A listener reuses its socket, because Socket.IO recovers the state only if the same socket
 * reconnects. The adapter must support the recovery, too.
 */
const sockets = new WeakMap<Listener, Socket<BaselineEvents>>();

/**
 * Follows the plain Socket.IO room. If Socket.IO did not recover the state after a reconnect, this function reports a gap
 * to the listener. So a message in the gap counts as `flagged` (account.ts): missed, but the reader was notified.
 * Socket.IO itself does not report what is missing.
 */
const subscribeBaseline: OpenSubscription = ({ url, channel, since }, listener) => {
  const socket = sockets.get(listener) ?? (io(url, OPTIONS) as Socket<BaselineEvents>);
  sockets.set(listener, socket);
  socket.off();
  // Closes the Engine.IO connection under the socket, so that the socket sees the same as when the network is lost.
  const handlers = connectionHandlers(listener, () => void socket.io.engine?.close());
  const early: BaselineMessage[] = [];
  let isSubscribed = false;
  const push = (message: BaselineMessage) => {
    const publication = { offset: message.offset, event: "chat.message", data: message };
    handlers.push({ channel, epoch: EPOCH, publications: [publication] });
  };
  const subscribed = (reply: object) => {
    isSubscribed = true;
    handlers.subscribed({ ok: true, data: { channel, ...reply } } as Ack);
  };
  socket.on("message", (message) => {
    if (isSubscribed) push(message);
    else early.push(message);
  });
  socket.on("connect", () => {
    if (socket.recovered && since) {
      subscribed({ recovered: true, position: since, publications: [] });
      for (const message of early) push(message);
      return;
    }
    socket.emit("follow", ({ offset }) => {
      subscribed({
        recovered: false,
        ...(since && { reason: "trimmed" }),
        position: { epoch: EPOCH, offset },
        snapshot: { messages: early.filter((message) => message.offset <= offset) },
      });
      for (const message of early.filter((each) => each.offset > offset)) push(message);
    });
  });
  socket.on("disconnect", handlers.close);
  socket.on("connect_error", handlers.close);
  socket.connect();
  return { drop: handlers.close };
};

export const baselineTransports: Record<string, OpenSubscription> = { "plain Socket.IO": subscribeBaseline };

/** Sends messages over plain Socket.IO. */
export function baselineClient(url: string): WriterClient {
  const socket = io(url, OPTIONS);
  return {
    call: (operation, input = {}) => socket.timeout(ACK_TIMEOUT_MS).emitWithAck(operation, input),
    close: async () => void socket.disconnect(),
  };
}
