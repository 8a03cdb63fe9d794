import type { Position, Push } from "@grandstand/shared/channels";
import { closeCodes } from "@grandstand/shared/close-codes";
import type { Ack } from "@grandstand/shared/frames";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import type { Subscribed } from "./reader-state.js";

/** What a subscriber of a channel receives, in order. */
export interface Listener {
  onSubscribed(reply: Subscribed): void;
  onPush(push: Push): void;
  /**
   * The connection has closed, or could not be opened.
   * @param reconnectAfterMs the delay that a draining node asked for; undefined if the node did not ask
   */
  onClosed(reconnectAfterMs?: number): void;
}

/** Opens a connection that follows one channel until the connection closes or is dropped. */
export type OpenSubscription = (target: SubscriptionTarget, listener: Listener) => { drop(): void };

interface SubscriptionTarget {
  /** The URL of a node. */
  url: string;
  token: string;
  channel: string;
  since: Position | undefined;
}

/** A subscription without a reply within this time is abandoned. */
const REPLY_TIMEOUT_MS = 5_000;

/** A WebSocket's close code contains no delay, so clients reconnect at a random time within this period. */
const DRAIN_SPREAD_MS = 2_000;

/**
 * Makes the handlers of one connection. They call `onClosed` of the listener once, and no other method afterwards.
 * @param end closes the connection
 */
export function connectionHandlers(listener: Listener, end: () => void) {
  let isOver = false;
  let reconnectAfterMs: number | undefined;
  const close = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(replyTimeout);
    end();
    listener.onClosed(reconnectAfterMs);
  };
  const replyTimeout = setTimeout(close, REPLY_TIMEOUT_MS);
  return {
    close,
    draining: (afterMs: number) => {
      reconnectAfterMs = afterMs;
    },
    subscribed: (ack: Ack) => {
      clearTimeout(replyTimeout);
      if (isOver) return;
      if (ack.ok) listener.onSubscribed(ack.data as Subscribed);
      else close();
    },
    push: (push: Push) => {
      if (!isOver) listener.onPush(push);
    },
  };
}

const openSocketIo: OpenSubscription = ({ url, token, channel, since }, listener) => {
  const socket = io(url, {
    auth: { token },
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
  });
  const handlers = connectionHandlers(listener, () => socket.disconnect());
  socket.on("push", handlers.push);
  socket.on("welcome", () => socket.emit("channel.subscribe", { channel, since }, handlers.subscribed));
  socket.on("closing", ({ reconnectAfterMs = 0 }) => handlers.draining(reconnectAfterMs));
  for (const end of ["disconnect", "connect_error"]) socket.on(end, handlers.close);
  return { drop: handlers.close };
};

const openWebSocket: OpenSubscription = ({ url, token, channel, since }, listener) => {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`);
  const handlers = connectionHandlers(listener, () => socket.terminate());
  const ask = (id: number, op: string, data: object) => socket.send(JSON.stringify({ id, op, data }));
  socket.on("open", () => {
    ask(1, "connect", { token });
    ask(2, "channel.subscribe", { channel, since });
  });
  socket.on("message", (text) => {
    const { id, push, ...ack } = JSON.parse(String(text));
    if (push) handlers.push(push);
    else if (id === 2) handlers.subscribed(ack);
  });
  socket.on("close", (code) => {
    if (code === closeCodes.draining) handlers.draining(Math.random() * DRAIN_SPREAD_MS);
  });
  for (const end of ["close", "error"]) socket.on(end, handlers.close);
  return { drop: handlers.close };
};

const openSse: OpenSubscription = ({ url, token, channel, since }, listener) => {
  const abort = new AbortController();
  const handlers = connectionHandlers(listener, () => abort.abort());
  const read = async () => {
    const id = since && [since.epoch, since.offset, ...(since.id ? [since.id] : [])].join(":");
    const { body } = await fetch(`${url}/v1/channels/${encodeURIComponent(channel)}/events`, {
      headers: { authorization: `Bearer ${token}`, ...(id && { "last-event-id": id }) },
      signal: abort.signal,
    });
    let text = "";
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) takeEvent(block);
    }
  };
  const takeEvent = (block: string) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
    const event = field("event");
    if (event === undefined) return;
    const data = JSON.parse(field("data")!);
    if (event === "closing") {
      handlers.draining(data.reconnectAfterMs ?? 0);
      return;
    }
    if (event === "subscribed") {
      handlers.subscribed({ ok: true, data });
      return;
    }
    const [epoch = "", offset] = field("id")?.split(":") ?? [];
    handlers.push({ channel, epoch, publications: [{ offset: Number(offset), event, data }] });
  };
  read().then(handlers.close, handlers.close);
  return { drop: handlers.close };
};

export const transports: Record<string, OpenSubscription> = {
  "Socket.IO": openSocketIo,
  WebSocket: openWebSocket,
  SSE: openSse,
};
