import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { PushFrame } from "@grandstand/shared/frames";
import { serve } from "../processes/service.js";
import { percentile } from "../statistics.js";
import { inBatches } from "./in-batches.js";
import { openSession, request } from "./ws-session.js";

let messages = 0;
let pushes = 0;
/** For each message, the time from the sender's call to the arrival, in ms. */
let latencies: number[] = [];

/**
 * The last push, and the times at which its messages were sent. All subscribers of a node receive the same pushes, so
 * each push is parsed only once.
 */
let parsed: { push: Buffer; sentAt: number[] } = { push: Buffer.alloc(0), sentAt: [] };

const methods = {
  /** Opens `count` connections to each node, and subscribes each of them to the room. */
  async connect(load: { urls: string[]; token: string; room: string; count: number }): Promise<void> {
    const urls = load.urls.flatMap((url) => Array<string>(load.count).fill(url));
    await inBatches(urls, async (url) => {
      const socket = await openSession(url, load.token);
      await request(socket, { id: 2, op: "channel.subscribe", data: { channel: `chat:${load.room}` } });
      socket.on("message", onPush);
    });
  },

  /** The totals that all connections have received so far. */
  received: () => ({ messages, pushes }),

  /** The latencies since the last call of this method. */
  takeLatencies(): { p50Ms: number; p99Ms: number } {
    const taken = latencies;
    latencies = [];
    return { p50Ms: percentile(taken, 0.5), p99Ms: percentile(taken, 0.99) };
  },
};

export type WsChatSubscribers = typeof methods;

serve(methods);

function onPush(push: Buffer): void {
  if (!push.equals(parsed.push)) parsed = { push, sentAt: timesOf(push) };
  const now = performance.timeOrigin + performance.now();
  pushes += 1;
  messages += parsed.sentAt.length;
  for (const at of parsed.sentAt) latencies.push(now - at);
}

/** The times at which the messages of a push were sent. The text of each message begins with its time. */
function timesOf(push: Buffer): number[] {
  const { publications } = (JSON.parse(push.toString()) as PushFrame).push;
  return publications.map(({ data }) => Number.parseFloat((data as ChatMessage).text));
}
