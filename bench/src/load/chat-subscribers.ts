import { serve } from "../processes/service.js";
import { connect, follow } from "./chat-socket.js";
import { inBatches } from "./in-batches.js";

let messages = 0;
let pushes = 0;

const methods = {
  /** Opens `count` connections to each node, and subscribes each of them to the room. */
  async connect(load: { urls: string[]; token: string; room: string; count: number }): Promise<void> {
    const urls = load.urls.flatMap((url) => Array<string>(load.count).fill(url));
    await inBatches(urls, async (url) => {
      const socket = await connect(url, load.token);
      await follow(socket, load.room, ({ publications }) => {
        pushes += 1;
        messages += publications.length;
      });
    });
  },

  /** The totals that all connections have received so far. */
  received: () => ({ messages, pushes }),
};

export type ChatSubscribers = typeof methods;

serve(methods);
