import { serve } from "../processes/service.js";
import { inBatches } from "./in-batches.js";
import type { SubscriberMethods } from "./subscribers.js";
import { openSession, request } from "./ws-session.js";

let pushes = 0;

const methods: SubscriberMethods = {
  async connect({ url, tokens, channel }) {
    await inBatches(tokens, (token) => subscribe(url, token, channel));
  },
  received: () => pushes,
};

serve(methods);

async function subscribe(url: string, token: string, channel: string): Promise<void> {
  const socket = await openSession(url, token);
  await request(socket, { id: 2, op: "channel.subscribe", data: { channel } });
  socket.on("message", () => {
    pushes += 1;
  });
}
