import type { Ack } from "@grandstand/shared/frames";
import { io } from "socket.io-client";
import { serve } from "../processes/service.js";
import { inBatches } from "./in-batches.js";
import type { SubscriberMethods } from "./subscribers.js";

let pushes = 0;

const methods: SubscriberMethods = {
  async connect({ url, tokens, channel }) {
    await inBatches(tokens, (token) => subscribe(url, token, channel));
  },
  received: () => pushes,
};

serve(methods);

async function subscribe(url: string, token: string, channel: string): Promise<void> {
  const socket = io(url, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { token },
  });
  socket.on("push", () => {
    pushes += 1;
  });
  const lost = new Promise<never>((_resolve, reject) => {
    socket.once("connect_error", reject);
    socket.once("disconnect", (reason) => reject(new Error(reason)));
  });
  const ack = (await Promise.race([socket.emitWithAck("channel.subscribe", { channel }), lost])) as Ack;
  if (!ack.ok) throw new Error(ack.error.message);
}
