import { newGuest } from "../accounts.js";
import { dataOf } from "../acks.js";
import { openWebSocket } from "../drivers/websocket-driver.js";
import { TEST_API_KEY } from "../names.js";

/** A board, a room and a counter of one user. Attacks must not change what the owner reads from them. */
export interface OwnedData {
  read(): Promise<unknown>;
}

/** @param id the id of the board, of the room and of the counter */
export async function createOwnedData(url: string, id: string): Promise<OwnedData> {
  const server = await openWebSocket(url, TEST_API_KEY);
  const { token, user } = await newGuest(url, "Owner");
  const owner = await openWebSocket(url, token);
  const write = async (operation: string, input: object) => dataOf(await server.call(operation, input));
  await write("leaderboard.configure", { board: id });
  await write("leaderboard.submit", { board: id, member: user.id, score: 7, metadata: { of: "owner" } });
  await write("chat.configure", { room: id, visibility: "private" });
  await write("chat.setMember", { room: id, user: user.id });
  dataOf(await owner.call("chat.send", { room: id, text: "mine" }));
  dataOf(await owner.call("chat.read", { room: id, offset: 1 }));
  await write("counter.configure", { counter: id, max: 9 });
  await write("counter.add", { counter: id, by: 5 });
  await Promise.all([server.close(), owner.close()]);

  return {
    async read() {
      const reader = await openWebSocket(url, token);
      const readOne = async (operation: string, input: object) => dataOf(await reader.call(operation, input));
      const results = await Promise.all([
        readOne("leaderboard.entries", { board: id }),
        readOne("chat.history", { room: id }),
        readOne("chat.members", { room: id }),
        readOne("chat.unread", { rooms: [id] }),
        readOne("counter.get", { counter: id }),
      ]);
      await reader.close();
      return results;
    },
  };
}
