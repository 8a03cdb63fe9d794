import { describe, expect, it, vi } from "vitest";
import { type ClientOptions, createClient, createGuestSession, GrandstandError } from "./client.js";
import { resolveAddress } from "./options.js";

function errorOf(create: () => unknown): GrandstandError {
  try {
    create();
  } catch (error) {
    if (error instanceof GrandstandError) return error;
  }
  return expect.fail("no GrandstandError was thrown");
}

describe("createClient", () => {
  it.each([
    ["url", { url: "localhost:8080" }],
    ["url", { url: "https://" }],
    ["url", { url: "play.example.com" }],
    ["url", { url: "ftp://play.example.com" }],
    ["url", { url: "https://play.example.com?token=x" }],
    ["url", { url: 8080 }],
    ["token", { token: "" }],
    ["token", { token: "  " }],
    ["token", { token: 7 }],
    ["tokn", { tokn: "secret" }],
    ["transport", { transport: "polling" }],
    ["callTimeoutMs", { callTimeoutMs: 0 }],
    ["callTimeoutMs", { callTimeoutMs: "10" }],
    ["idleMs", { idleMs: -1 }],
    ["idleMs", { idleMs: "10" }],
    ["onStatus", { onStatus: true }],
    ["onError", { onError: {} }],
    ["debug", { debug: "yes" }],
    ["webSocket", { webSocket: "ws" }],
  ])("names the option %s if it is wrong or unknown: %j", (option, options) => {
    const error = errorOf(() => createClient(options as ClientOptions));
    expect(error).toMatchObject({ code: "bad_request", issues: [{ path: option }] });
    expect(error.message).toMatch(new RegExp(`^${option} (must|is not an option)`));
  });

  it("names every wrong option at once", () => {
    const error = errorOf(() => createClient({ url: "nowhere", token: "", tokn: "x" } as ClientOptions));
    expect(error.issues?.map(({ path }) => path)).toEqual(["url", "token", "tokn"]);
  });

  it("creates a client from an empty object of options", () => {
    expect(createClient({}).connection.get().status).toBe("offline");
  });

  it("without a url outside of a web page creates a client whose first call fails and closes it", async () => {
    const client = createClient({ token: "secret" });
    await expect(client.leaderboards.list()).rejects.toMatchObject({
      code: "bad_request",
      message: "url is needed outside of a web page",
    });
    expect(client.connection.get().status).toBe("closed");
  });

  it("creates a client whose call fails and names the option webSocket if the runtime has no WebSocket", async () => {
    vi.stubGlobal("WebSocket", undefined);
    try {
      const client = createClient({ url: "http://127.0.0.1:1", token: "secret", transport: "websocket" });
      await expect(client.leaderboards.list()).rejects.toMatchObject({ issues: [{ path: "webSocket" }] });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("creates a client that refuses an empty token in setToken() and a negative timeout in call()", async () => {
    const client = createClient({ url: "http://127.0.0.1:1", token: "secret" });
    expect(errorOf(() => client.setToken("")).issues).toMatchObject([{ path: "token" }]);
    const call = client.call("leaderboard.get", { board: "arcade" }, { timeoutMs: -1 });
    await expect(call).rejects.toMatchObject({ issues: [{ path: "timeoutMs" }] });
    expect(client.connection.get().status).toBe("offline");
  });
});

describe("createGuestSession", () => {
  it("names a wrong url and an unknown option", async () => {
    const wrongUrl = createGuestSession({ url: "localhost:8080", name: "Ada" });
    await expect(wrongUrl).rejects.toMatchObject({ code: "bad_request", issues: [{ path: "url" }] });
    const unknown = createGuestSession({ nam: "Ada", name: "Ada" } as { name: string });
    await expect(unknown).rejects.toMatchObject({ issues: [{ path: "nam" }] });
  });
});

describe("resolveAddress", () => {
  it.each([
    ["https://play.example.com", "https://play.example.com", ""],
    ["https://play.example.com/", "https://play.example.com", ""],
    ["https://example.com:8443/rt/", "https://example.com:8443", "/rt"],
    ["wss://example.com/a/b", "https://example.com", "/a/b"],
    ["http://[::1]:8080", "http://[::1]:8080", ""],
  ])("splits %s into origin and prefix", (url, origin, prefix) => {
    expect(resolveAddress(url)).toEqual({ origin, prefix });
  });

  it("completes a path with the origin of the page", () => {
    vi.stubGlobal("location", { origin: "https://example.com" });
    try {
      expect(resolveAddress("")).toEqual({ origin: "https://example.com", prefix: "" });
      expect(resolveAddress("/rt")).toEqual({ origin: "https://example.com", prefix: "/rt" });
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
