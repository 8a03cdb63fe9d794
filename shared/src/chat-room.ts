import { directUsersOf, isDirect } from "./direct-rooms.js";
import { resourceId } from "./ids.js";

/** The id of a room. What begins with `dm:` is the direct room of two users, in its one spelling. */
export const chatRoom = resourceId
  .refine(
    (room) => !isDirect(room) || directUsersOf(room) !== null,
    "must be dm:<a>:<b> with the ids of two users in order",
  )
  .meta({
    id: "RoomId",
    description: "The id of a room. An id that begins with `dm:` is the direct room of two users.",
  });
