import { directUsersOf, isDirect } from "./direct-rooms.js";
import { resourceId } from "./ids.js";

/** The id of a room. An id that begins with `dm:` is the direct room of two users. Each pair of users has one valid id. */
export const chatRoom = resourceId
  .refine(
    (room) => !isDirect(room) || directUsersOf(room) !== null,
    "must be dm:<a>:<b> with the encoded ids of two users in ascending order",
  )
  .meta({
    id: "RoomId",
    description: "The id of a room. An id that begins with `dm:` is the direct room of two users.",
  });
