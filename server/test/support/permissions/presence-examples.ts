import { dataOf } from "../acks.js";
import { freshId } from "../names.js";
import type { Example, Preparing } from "./example.js";

/** Examples of calls on presence. Reads of a room use a private room, writes use a public room. */
export const presenceExamples: Example[] = [
  inRoom("enter", { servers: "may not" }),
  // The user is not in the room, so a permitted update fails with `conflict`.
  inRoom("update", { servers: "may not", passesAs: "conflict" }, () => ({ state: { at: "bar" } })),
  inRoom("leave", { servers: "may not" }),
  ...["get", "count"].map(
    (name): Example => ({
      operation: `presence.${name}`,
      users: "may not",
      prepare: async (preparing) => {
        const room = await makePrivateRoom(preparing);
        return { input: { room }, channels: [`presence:${room}`] };
      },
    }),
  ),
  inRoom("keep", { users: "may not" }, ({ id }) => ({ user: id, ttlMs: 60_000 })),
  {
    operation: "presence.drop",
    users: "may not",
    prepare: async ({ server, id }) => {
      const room = freshId("room");
      dataOf(await server.call("presence.keep", { room, user: id, ttlMs: 60_000 }));
      return { input: { room, user: id }, channels: [`presence:${room}`] };
    },
  },
  {
    operation: "presence.lookup",
    users: "may",
    prepare: async ({ id }) => ({ input: { users: [id] }, channels: ["presence:*"] }),
  },
];

/** The input to subscribe to the presence of a new private room. */
export async function followPresence(preparing: Preparing) {
  const channel = `presence:${await makePrivateRoom(preparing)}`;
  return { input: { channel }, channels: [channel] };
}

async function makePrivateRoom({ server }: Preparing): Promise<string> {
  const room = freshId("room");
  dataOf(await server.call("chat.configure", { room, visibility: "private" }));
  return room;
}

function inRoom(
  name: string,
  more: Partial<Example> = {},
  inputFor: (preparing: Preparing) => object = () => ({}),
): Example {
  return {
    operation: `presence.${name}`,
    users: "may",
    prepare: async (preparing) => {
      const room = freshId("room");
      return { input: { room, ...inputFor(preparing) }, channels: [`presence:${room}`] };
    },
    ...more,
  };
}
