import { once } from "node:events";
import type { ReplyFrame } from "@grandstand/shared/frames";
import { WebSocket } from "ws";

/** Opens a plain WebSocket and authenticates it with a `connect` frame. */
export async function openSession(url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`, { perMessageDeflate: false });
  await once(socket, "open");
  await request(socket, { id: 1, op: "connect", data: { token } });
  return socket;
}

/** Sends a request and waits for its reply. Only for one request at a time on a socket that receives no pushes. */
export async function request(
  socket: WebSocket,
  frame: { id: number; op: string; data: object },
): Promise<void> {
  socket.send(JSON.stringify(frame));
  const [data] = (await once(socket, "message")) as [Buffer];
  const reply = JSON.parse(data.toString()) as ReplyFrame;
  if (!reply.ok) throw new Error(reply.error.message);
}
