import { newGuest } from "../accounts.js";
import { dataOf } from "../acks.js";
import { openWebSocket } from "../drivers/websocket-driver.js";
import { TEST_API_KEY } from "../names.js";

/** A board, a room and a counter that nobody touches, and how they look to their owner. */
export interface Sentinel {
  look(): Promise<unknown>;
}

/** @param id what they are called: nothing that an attack names */
export async function placeSentinel(url: string, id: string): Promise<Sentinel> {
  const server = await openWebSocket(url, TEST_API_KEY);
  const { token, user } = await newGuest(url, "Owner");
  const owner = await openWebSocket(url, token);
  const done = async (operation: string, input: object) => dataOf(await server.call(operation, input));
  await done("leaderboard.configure", { board: id });
  await done("leaderboard.submit", { board: id, member: user.id, score: 7, metadata: { of: "owner" } });
  await done("chat.configure", { room: id, visibility: "private" });
  await done("chat.setMember", { room: id, user: user.id });
  dataOf(await owner.call("chat.send", { room: id, text: "mine" }));
  dataOf(await owner.call("chat.read", { room: id, offset: 1 }));
  await done("counter.configure", { counter: id, max: 9 });
  await done("counter.add", { counter: id, by: 5 });
  await Promise.all([server.close(), owner.close()]);

  return {
    async look() {
      const reader = await openWebSocket(url, token);
      const read = async (operation: string, input: object) => dataOf(await reader.call(operation, input));
      const seen = await Promise.all([
        read("leaderboard.entries", { board: id }),
        read("chat.history", { room: id }),
        read("chat.members", { room: id }),
        read("chat.unread", { rooms: [id] }),
        read("counter.get", { counter: id }),
      ]);
      await reader.close();
      return seen;
    },
  };
}
