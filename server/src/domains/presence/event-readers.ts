import type { EventReaders } from "../shared/queued-event.js";
import { memberOf } from "./member.js";

/** Converts the values that publish-changes.lua queued into the events that webhooks receive. */
export const presenceEventReaders: EventReaders = {
  "presence.joined": {
    async read({ source, values: [user, since, state, profile] }) {
      // `memberOf` reads neither the join offset nor the stamp, so their values here do not matter.
      const record = { joinOffset: 0, since: since!, stamp: since!, state: state!, profile: profile! };
      return { room: source.id, member: memberOf(user!, record) };
    },
    users: ({ values: [user] }) => [user!],
  },
  "presence.left": {
    read: async ({ source, values: [user] }) => ({ room: source.id, user: user! }),
    users: ({ values: [user] }) => [user!],
  },
};
