import { serve } from "../processes/service.js";
import { inBatches } from "./in-batches.js";
import { openSession, request } from "./ws-session.js";

/** The methods of a process whose connections are present in rooms. */
export interface PresenceMethods {
  /** Opens one connection per guest and enters the guest's room. */
  enter(load: { url: string; guests: { token: string; room: string }[] }): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: `serve` requires this index signature
  [method: string]: (argument: any) => unknown;
}

const methods: PresenceMethods = {
  async enter({ url, guests }) {
    await inBatches(guests, async ({ token, room }) => {
      const socket = await openSession(url, token);
      await request(socket, { id: 2, op: "presence.enter", data: { room } });
    });
  },
};

serve(methods);
