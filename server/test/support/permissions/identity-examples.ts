import { dataOf } from "../acks.js";
import { freshId } from "../names.js";
import type { Example } from "./example.js";

/** Examples of calls about sessions, keys and users. */
export const identityExamples: Example[] = [
  {
    operation: "auth.refresh",
    users: "may",
    prepare: async () => ({ input: {}, channels: [] }),
    inputWith: (token) => ({ token }),
  },
  withoutChannel("session.create", "may", () => ({}), { about: "for oneself", servers: "may not" }),
  withoutChannel("session.create", "may not", () => ({ user: { id: "bo" } }), { about: "for another user" }),
  withoutChannel("session.list", "may", () => ({}), { about: "for oneself", servers: "may not" }),
  withoutChannel("session.list", "may not", () => ({ user: "bo" }), { about: "for another user" }),
  {
    operation: "session.revoke",
    users: "may",
    prepare: async ({ server, id }) => {
      const session = dataOf(await server.call("session.create", { user: { id } }));
      return { input: { session: session.id }, channels: [] };
    },
  },
  withoutChannel("key.create", "may not", () => ({ name: freshId("key"), scopes: ["key:write"] })),
  withoutChannel("key.list", "may not", () => ({})),
  {
    operation: "key.revoke",
    users: "may not",
    prepare: async ({ server }) => {
      const { key } = dataOf(
        await server.call("key.create", { name: freshId("key"), scopes: ["key:write"] }),
      );
      return { input: { key: key.id }, channels: [] };
    },
  },
  withoutChannel("user.revoke", "may not", () => ({ user: freshId("user") })),
  {
    operation: "user.notify",
    users: "may not",
    prepare: async ({ id }) => ({ input: { user: id, name: "friend.request" }, channels: [`user:${id}`] }),
  },
];

function withoutChannel(
  operation: string,
  users: Example["users"],
  input: () => object,
  more: Partial<Example> = {},
): Example {
  return { operation, users, prepare: async () => ({ input: input(), channels: [] }), ...more };
}
