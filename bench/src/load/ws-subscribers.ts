import { once } from "node:events";
import type { ReplyFrame } from "@grandstand/shared/frames";
import { WebSocket } from "ws";
import { serve } from "../processes/service.js";
import { inWaves } from "./in-waves.js";
import type { SubscriberMethods } from "./subscribers.js";

let pushes = 0;

const methods: SubscriberMethods = {
  async connect({ url, tokens, channel }) {
    await inWaves(tokens, (token) => subscribe(url.replace("http", "ws"), token, channel));
  },
  received: () => pushes,
};

serve(methods);

async function subscribe(url: string, token: string, channel: string): Promise<void> {
  const socket = new WebSocket(`${url}/v1/ws`, { perMessageDeflate: false });
  await once(socket, "open");
  await request(socket, { id: 1, op: "connect", data: { token } });
  await request(socket, { id: 2, op: "channel.subscribe", data: { channel } });
  socket.on("message", () => {
    pushes += 1;
  });
}

async function request(socket: WebSocket, frame: { id: number; op: string; data: object }): Promise<void> {
  socket.send(JSON.stringify(frame));
  const [data] = (await once(socket, "message")) as [Buffer];
  const reply = JSON.parse(data.toString()) as ReplyFrame;
  if (!reply.ok) throw new Error(reply.error.message);
}
