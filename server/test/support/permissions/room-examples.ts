import { dataOf } from "../acks.js";
import { freshId } from "../names.js";
import type { Example, Preparing } from "./example.js";

/** The input to subscribe to a new private room. */
export async function followRoom(preparing: Preparing) {
  const { room } = await makeRoom(preparing);
  return { input: { channel: `chat:${room}` }, channels: [`chat:${room}`] };
}

/** Examples of calls on a private room. The calling user was a member, wrote a message and was removed. */
export const roomExamples: Example[] = [
  inRoom("history", "may not"),
  inRoom("members", "may not"),
  inRoom("member", "may not", () => ({ user: "bo" })),
  inRoom("send", "may not", () => ({ text: "hej" })),
  inRoom("edit", "may not", ({ offset }) => ({ offset, text: "hej då" })),
  inRoom("delete", "may not", ({ offset }) => ({ offset })),
  ...usersOnly("react", ({ offset }) => ({ offset, emoji: "👍" })),
  ...usersOnly("unreact", ({ offset }) => ({ offset, emoji: "👍" })),
  ...usersOnly("typing"),
  ...usersOnly("read", ({ offset }) => ({ offset })),
  {
    operation: "chat.unread",
    // Any user may call `chat.unread`: rooms that the user can't read count as empty.
    users: "may",
    servers: "may not",
    prepare: async (preparing) => {
      const rooms = [(await makeRoom(preparing)).room, (await makeRoom(preparing)).room];
      return { input: { rooms }, channels: rooms.map((room) => `chat:${room}`) };
    },
  },
  {
    operation: "chat.rooms",
    users: "may",
    servers: "may not",
    prepare: async () => ({ input: {}, channels: ["chat:*"] }),
  },
  inRoom("setMember", "may not", () => ({ user: "cy" })),
  {
    operation: "chat.removeMember",
    // Members may remove themselves.
    users: "may",
    prepare: async (preparing) => {
      const { server, id } = preparing;
      const { room } = await makeRoom(preparing);
      dataOf(await server.call("chat.setMember", { room, user: id }));
      return { input: { room, user: id }, channels: [`chat:${room}`] };
    },
  },
  inRoom("moderate", "may not", () => ({ user: "bo", action: "mute" })),
  inRoom("configure", "may not", () => ({ visibility: "private", slowModeMs: 5 })),
  inRoom("drop", "may not"),
];

interface Room {
  room: string;
  /** The offset of the calling user's message. */
  offset: number;
}

async function makeRoom({ server, me, id }: Preparing): Promise<Room> {
  const room = freshId("room");
  dataOf(await server.call("chat.configure", { room, visibility: "private" }));
  for (const user of [id, "bo"]) dataOf(await server.call("chat.setMember", { room, user }));
  const { message } = dataOf(await me.call("chat.send", { room, text: "hi" }));
  dataOf(await server.call("chat.removeMember", { room, user: id }));
  return { room, offset: message.offset };
}

function inRoom(
  name: string,
  users: Example["users"],
  inputFor: (room: Room) => object = () => ({}),
): Example {
  return {
    operation: `chat.${name}`,
    users,
    prepare: async (preparing) => {
      const made = await makeRoom(preparing);
      return { input: { room: made.room, ...inputFor(made) }, channels: [`chat:${made.room}`] };
    },
  };
}

function usersOnly(name: string, inputFor?: (room: Room) => object): Example[] {
  return [{ ...inRoom(name, "may not", inputFor), servers: "may not" }];
}
