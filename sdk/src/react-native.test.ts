import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from "vitest";
import { startTestNode, type TestNode } from "../../server/test/support/in-process-node.js";
import { freshId } from "../../server/test/support/names.js";
import { createClient, createGuestSession } from "./client.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({}, inject("redisUrl"));
});
afterAll(() => node.close());

/** Globals that React Native lacks. React Native has `window`, but without functions. */
const missing = ["document", "location", "sessionStorage", "crypto", "reportError"];
beforeEach(() => {
  vi.stubGlobal("window", {});
  for (const name of missing) vi.stubGlobal(name, undefined);
});
afterEach(() => vi.unstubAllGlobals());

it("SD7: the core works without the globals that React Native lacks", async () => {
  const room = freshId("room");
  const { user, token } = await createGuestSession({ url: node.url, name: "Ada" });
  const client = createClient({ url: node.url, token });
  const chat = client.chat(room).live();
  const presence = client.presence(room).live();
  for (const live of [chat, presence]) live.subscribe(() => {});
  const stay = client.presence(room).enter({ doing: "waving" });
  chat.send("hello");
  await vi.waitFor(
    () => {
      expect(chat.get().messages).toMatchObject([{ text: "hello", state: "sent" }]);
      expect(presence.get().members).toMatchObject([{ user: user.id }]);
    },
    { timeout: 20_000 },
  );
  // An app calls disconnect() and connect() when React Native's `AppState` changes.
  client.disconnect();
  expect(client.connection.get().status).toBe("offline");
  client.connect();
  await vi.waitFor(() => expect(client.connection.get().status).toBe("live"), 5_000);
  stay.leave();
  client.close();
});
