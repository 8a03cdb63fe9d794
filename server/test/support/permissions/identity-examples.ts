import { dataOf } from "../acks.js";
import { freshId } from "../names.js";
import type { Example } from "./example.js";

/** Examples of calls about sessions, keys, webhooks and users. Only `user.notify` refers to a channel. */
export const identityExamples: Example[] = [
  {
    operation: "auth.refresh",
    users: "may",
    prepare: async () => ({ input: {}, channels: [] }),
    inputWith: (token) => ({ token }),
  },
  onNone("session.create", "may", () => ({}), { about: "of one's own", servers: "may not" }),
  onNone("session.create", "may not", () => ({ user: { id: "bo" } }), { about: "of a user" }),
  onNone("session.list", "may", () => ({}), { about: "of one's own", servers: "may not" }),
  onNone("session.list", "may not", () => ({ user: "bo" }), { about: "of a user" }),
  {
    operation: "session.revoke",
    users: "may",
    prepare: async ({ server, id }) => {
      const session = dataOf(await server.call("session.create", { user: { id } }));
      return { input: { session: session.id }, channels: [] };
    },
  },
  onNone("key.create", "may not", () => ({ name: freshId("key"), scopes: ["key:write"] })),
  onNone("key.list", "may not", () => ({})),
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
  // The test's node has no secret for webhooks, so a permitted call fails with `conflict`.
  onNone("webhook.create", "may not", () => ({ url: "https://app.invalid/events" }), {
    passesAs: "conflict",
  }),
  onNone("webhook.list", "may not", () => ({})),
  ...["update", "delete", "test", "deliveries", "replay"].map((name) =>
    onNone(`webhook.${name}`, "may not", () => ({ webhook: "wh_bm8tc3VjaC13ZWJo" }), {
      passesAs: "not_found",
    }),
  ),
  onNone("user.revoke", "may not", () => ({ user: freshId("user") })),
  onNone("user.profiles", "may", () => ({ users: [freshId("user")] })),
  onNone("user.setProfile", "may not", () => ({ user: freshId("user"), name: "Ada" })),
  onNone("user.invalidateProfile", "may not", () => ({ user: freshId("user") })),
  onNone("user.erase", "may not", () => ({ user: freshId("user") })),
  {
    operation: "user.export",
    users: "may not",
    prepare: async ({ server }) => {
      const user = freshId("user");
      dataOf(await server.call("user.notify", { user, name: "one.line" }));
      return { input: { user }, channels: [] };
    },
  },
  {
    operation: "user.notify",
    users: "may not",
    prepare: async ({ id }) => ({ input: { user: id, name: "friend.request" }, channels: [`user:${id}`] }),
  },
];

/** An example of a call that refers to no channel. */
function onNone(
  operation: string,
  users: Example["users"],
  input: () => object,
  more: Partial<Example> = {},
): Example {
  return { operation, users, prepare: async () => ({ input: input(), channels: [] }), ...more };
}
