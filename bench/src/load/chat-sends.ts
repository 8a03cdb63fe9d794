import { serve } from "../processes/service.js";
import { percentile } from "../statistics.js";
import { openSession, request } from "./ws-session.js";

export interface ChatSends {
  url: string;
  token: string;
  /** The number of connections. Each sends a message only after the reply to its previous one. */
  connections: number;
  messages: number;
  /** The number of rooms that the messages are spread over, in turn. */
  rooms: number;
}

export interface ChatSendsResult {
  p50Ms: number;
}

const methods = { run };

export type ChatSendsMethods = typeof methods;

serve(methods);

/** Sends the messages over plain WebSockets, and waits until every message has a reply. */
async function run({ url, token, connections, messages, rooms }: ChatSends): Promise<ChatSendsResult> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => openSession(url, token)));
  const latencies: number[] = [];
  let sent = 0;
  await Promise.all(
    sockets.map(async (socket) => {
      while (sent < messages) {
        sent += 1;
        const data = { room: `sends:${sent % rooms}`, text: `Message ${sent}` };
        const sentAt = performance.now();
        await request(socket, { id: sent, op: "chat.send", data });
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  for (const socket of sockets) socket.close();
  return { p50Ms: percentile(latencies, 0.5) };
}
