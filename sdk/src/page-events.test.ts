import { closeDetails } from "@grandstand/shared/close-details";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { observePage } from "./page-events.js";
import { statusesOf, untilStatus } from "./testing/statuses.js";
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

function show(visibilityState: "visible" | "hidden"): void {
  page.document.visibilityState = visibilityState;
  page.document.dispatchEvent(new Event("visibilitychange"));
}

const pageShow = () => Object.assign(new Event("pageshow"), { persisted: true });

describe("observePage", () => {
  it("reports the return of the network and of the user, until it is stopped", () => {
    const onWake = vi.fn();
    const stop = observePage({ onWake, onHide: () => {} });
    page.window.dispatchEvent(new Event("online"));
    expect(onWake).toHaveBeenCalledTimes(1);
    show("hidden");
    expect(onWake).toHaveBeenCalledTimes(1);
    show("visible");
    expect(onWake).toHaveBeenCalledTimes(2);
    page.document.dispatchEvent(new Event("resume"));
    expect(onWake).toHaveBeenCalledTimes(3);
    page.window.dispatchEvent(new Event("pageshow"));
    expect(onWake).toHaveBeenCalledTimes(3);
    page.window.dispatchEvent(pageShow());
    expect(onWake).toHaveBeenCalledTimes(4);
    stop();
    page.window.dispatchEvent(new Event("online"));
    show("visible");
    expect(onWake).toHaveBeenCalledTimes(4);
  });

  it("does nothing if `window` has no events, as in React Native", () => {
    vi.stubGlobal("window", {});
    expect(() => observePage({ onWake: () => {}, onHide: () => {} })()).not.toThrow();
  });
});

describe("SD6 a client of a page", () => {
  it("connects at once when the network returns, although its next attempt is ten minutes away", async () => {
    const client = node.open();
    await untilStatus(client, "live");
    for (const socket of node.sockets) {
      socket.emit("closing", { ...closeDetails("draining"), reconnectAfterMs: 600_000 });
      socket.disconnect();
    }
    await untilStatus(client, "offline");
    page.window.dispatchEvent(new Event("online"));
    await untilStatus(client, "live");
  });

  it.each(["websocket", "socketio"] as const)(
    "notices a dead connection over %s within 5 s of becoming visible",
    async (transport) => {
      const client = node.open({ transport });
      await untilStatus(client, "live");
      node.isSilent = true;
      show("hidden");
      const shownAt = performance.now();
      show("visible");
      await untilStatus(client, "offline");
      expect(performance.now() - shownAt).toBeLessThan(5_000);
      node.isSilent = false;
      await untilStatus(client, "live");
    },
  );

  it("keeps a connection that still answers", async () => {
    const debug = vi.fn();
    const client = node.open({ debug });
    await untilStatus(client, "live");
    const statuses = statusesOf(client);
    show("visible");
    page.window.dispatchEvent(new Event("offline"));
    await vi.waitFor(() => expect(debug).toHaveBeenLastCalledWith("the connection answers", {}));
    expect(statuses).toEqual(["live"]);
  });

  it("closes the connection when the page is left, and opens it again when the browser shows the page again", async () => {
    const client = node.open();
    await untilStatus(client, "live");
    page.window.dispatchEvent(new Event("pagehide"));
    expect(client.connection.get().status).toBe("offline");
    await vi.waitFor(() => expect(node.sockets).toHaveLength(0));
    page.window.dispatchEvent(pageShow());
    await untilStatus(client, "live");
  });

  it("does not connect when the network returns or the page becomes visible if it was never used", () => {
    const client = node.connect();
    page.window.dispatchEvent(new Event("online"));
    show("visible");
    expect(client.connection.get().status).toBe("offline");
  });
});
