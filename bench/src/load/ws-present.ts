import { serve } from "../processes/service.js";
import { inWaves } from "./in-waves.js";
import { openSession, request } from "./ws-session.js";

/** What the processes of those who are in rooms can be asked. */
export interface PresentMethods {
  /** Opens connections, one for each, and enters its room with it. */
  enter(load: { url: string; guests: { token: string; room: string }[] }): Promise<void>;
  // What `Methods` asks for.
  // biome-ignore lint/suspicious/noExplicitAny: see there
  [method: string]: (argument: any) => unknown;
}

const methods: PresentMethods = {
  async enter({ url, guests }) {
    await inWaves(guests, async ({ token, room }) => {
      const socket = await openSession(url, token);
      await request(socket, { id: 2, op: "presence.enter", data: { room } });
    });
  },
};

serve(methods);
