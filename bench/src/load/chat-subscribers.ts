import { serve } from "../processes/service.js";
import { connect, follow } from "./chat-socket.js";
import { inWaves } from "./in-waves.js";

let messages = 0;
let pushes = 0;

const methods = {
  /** Opens `count` connections to each of the nodes, which follow the room. */
  async connect(load: { urls: string[]; token: string; room: string; count: number }): Promise<void> {
    const urls = load.urls.flatMap((url) => Array<string>(load.count).fill(url));
    await inWaves(urls, async (url) => {
      const socket = await connect(url, load.token);
      await follow(socket, load.room, ({ publications }) => {
        pushes += 1;
        messages += publications.length;
      });
    });
  },

  /** What all of them have received so far. */
  received: () => ({ messages, pushes }),
};

export type ChatSubscribers = typeof methods;

serve(methods);
