import { closeCodes } from "@grandstand/shared/close-codes";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { observePage } from "./page-events.js";
import { TestNode } from "./testing/test-node.js";

let page: { window: EventTarget; document: EventTarget & { visibilityState?: string } };
let node: TestNode;
beforeEach(async () => {
  page = { window: new EventTarget(), document: new EventTarget() };
  vi.stubGlobal("window", page.window);
  vi.stubGlobal("document", page.document);
  node = await TestNode.start();
});
afterEach(async () => {
  await node.stop();
  vi.unstubAllGlobals();
});

it("calls its listener when the network returns and when the page becomes visible, until it is stopped", () => {
  const listener = vi.fn();
  const stop = observePage({ onWake: listener, onHide: () => {} });
  page.window.dispatchEvent(new Event("online"));
  expect(listener).toHaveBeenCalledTimes(1);
  page.document.visibilityState = "hidden";
  page.document.dispatchEvent(new Event("visibilitychange"));
  expect(listener).toHaveBeenCalledTimes(1);
  page.document.visibilityState = "visible";
  page.document.dispatchEvent(new Event("visibilitychange"));
  expect(listener).toHaveBeenCalledTimes(2);
  stop();
  page.window.dispatchEvent(new Event("online"));
  page.document.dispatchEvent(new Event("visibilitychange"));
  expect(listener).toHaveBeenCalledTimes(2);
});

it("makes a client that waits reconnect at once", async () => {
  const client = node.connect();
  await vi.waitFor(() => expect(client.connection.get().status).toBe("live"));
  for (const socket of node.sockets) {
    socket.emit("closing", { ...closeCodes.draining, reconnectAfterMs: 600_000 });
    socket.disconnect(true);
  }
  await vi.waitFor(() => expect(client.connection.get().status).toBe("offline"));
  page.window.dispatchEvent(new Event("online"));
  await vi.waitFor(() => expect(client.connection.get().status).toBe("live"));
});
