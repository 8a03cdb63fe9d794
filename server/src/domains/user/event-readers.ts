import type { EventReader, EventReaders } from "../shared/queued-event.js";

const ofUser: EventReader<"user.online" | "user.offline"> = {
  read: async ({ source }) => ({ user: source.id }),
  users: ({ source }) => [source.id],
};

export const userEventReaders: EventReaders = { "user.online": ofUser, "user.offline": ofUser };
