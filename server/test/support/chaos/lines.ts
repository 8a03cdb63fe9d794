import type { Position, Push } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import type { Ack } from "@grandstand/shared/frames";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { TEST_API_KEY } from "../names.js";

export type Subscribed = OutputOf<"channel.subscribe">;

/** The events of a followed channel, in the order in which they were sent. */
export interface Listener {
  onSubscribed(reply: Subscribed): void;
  onPush(push: Push): void;
  /** The connection closed, or could not be opened. */
  onClosed(): void;
}

/** A connection that follows one channel, until it ends or is dropped. */
export type OpenLine = (
  url: string,
  channel: string,
  since: Position | undefined,
  listener: Listener,
) => { drop(): void };

/** A subscription without a reply within this time is abandoned. */
const PATIENCE_MS = 5_000;

/** Reports the end once, and nothing after it. */
function ending(listener: Listener, end: () => void) {
  let isOver = false;
  const close = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(patience);
    end();
    listener.onClosed();
  };
  const patience = setTimeout(close, PATIENCE_MS);
  return {
    close,
    subscribed: (ack: Ack) => {
      clearTimeout(patience);
      if (isOver) return;
      if (ack.ok) listener.onSubscribed(ack.data as Subscribed);
      else close();
    },
    push: (push: Push) => {
      if (!isOver) listener.onPush(push);
    },
  };
}

const openSocketIo: OpenLine = (url, channel, since, listener) => {
  const socket = io(url, {
    auth: { token: TEST_API_KEY },
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
  });
  const line = ending(listener, () => socket.disconnect());
  socket.on("push", line.push);
  socket.on("welcome", () => socket.emit("channel.subscribe", { channel, since }, line.subscribed));
  for (const end of ["disconnect", "connect_error"]) socket.on(end, line.close);
  return { drop: line.close };
};

const openWebSocket: OpenLine = (url, channel, since, listener) => {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`);
  const line = ending(listener, () => socket.terminate());
  const ask = (id: number, op: string, data: object) => socket.send(JSON.stringify({ id, op, data }));
  socket.on("open", () => {
    ask(1, "connect", { token: TEST_API_KEY });
    ask(2, "channel.subscribe", { channel, since });
  });
  socket.on("message", (text) => {
    const { id, push, ...ack } = JSON.parse(String(text));
    if (push) line.push(push);
    else if (id === 2) line.subscribed(ack);
  });
  for (const end of ["close", "error"]) socket.on(end, line.close);
  return { drop: line.close };
};

const openSse: OpenLine = (url, channel, since, listener) => {
  const abort = new AbortController();
  const line = ending(listener, () => abort.abort());
  const read = async () => {
    const id = since && [since.epoch, since.offset, ...(since.id ? [since.id] : [])].join(":");
    const { body } = await fetch(`${url}/v1/channels/${encodeURIComponent(channel)}/events`, {
      headers: { authorization: `Bearer ${TEST_API_KEY}`, ...(id && { "last-event-id": id }) },
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
    if (event === undefined || event === "closing") return;
    const data = JSON.parse(field("data")!);
    if (event === "subscribed") {
      line.subscribed({ ok: true, data });
      return;
    }
    const [epoch = "", offset] = field("id")?.split(":") ?? [];
    line.push({ channel, epoch, publications: [{ offset: Number(offset), event, data }] });
  };
  read().then(line.close, line.close);
  return { drop: line.close };
};

export const lines: Record<string, OpenLine> = {
  "Socket.IO": openSocketIo,
  WebSocket: openWebSocket,
  SSE: openSse,
};
