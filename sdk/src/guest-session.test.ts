import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGuestSession } from "./guest-session.js";

const session = {
  user: { id: "guest-1", name: "Ada", avatar: null, isGuest: true },
  token: "secret",
  expiresAt: "2025-01-01T00:00:00.000Z",
};

let answer: (response: ServerResponse) => void;
let request: { method?: string | undefined; url?: string | undefined; body: string };
const server = createServer(async (incoming: IncomingMessage, response) => {
  const chunks = await incoming.toArray();
  request = { method: incoming.method, url: incoming.url, body: Buffer.concat(chunks).toString() };
  answer(response);
});
let url: string;

beforeEach(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function refuse(status: number, body: string, headers: Record<string, string> = {}) {
  answer = (response) => response.writeHead(status, headers).end(body);
}

describe("createGuestSession", () => {
  it("AU1 returns the session", async () => {
    answer = (response) => response.writeHead(201).end(JSON.stringify(session));
    expect(await createGuestSession({ url: `${url}/`, name: "Ada" })).toEqual(session);
    expect(request).toEqual({ method: "POST", url: "/v1/sessions", body: '{"name":"Ada"}' });
  });

  it("T6 rejects with the error of a problem document", async () => {
    const issues = [{ path: "name", rule: "pattern", message: "must be 1 to 40 characters" }];
    const problem = {
      type: "about:blank",
      title: "Bad",
      status: 400,
      code: "bad_request",
      detail: "No",
      issues,
    };
    refuse(400, JSON.stringify(problem));
    await expect(createGuestSession({ url, name: "" })).rejects.toMatchObject({
      name: "GrandstandError",
      code: "bad_request",
      message: "No",
      issues,
    });
  });

  it("T6 takes `retryAfterMs` from the problem document, or else from the header Retry-After", async () => {
    refuse(429, '{"code":"rate_limited","retryAfterMs":1500}', { "retry-after": "2" });
    await expect(createGuestSession({ url, name: "Ada" })).rejects.toMatchObject({ retryAfterMs: 1500 });
    refuse(503, "{}", { "retry-after": "2" });
    await expect(createGuestSession({ url, name: "Ada" })).rejects.toMatchObject({ retryAfterMs: 2000 });
  });

  it.each([
    [403, "forbidden"],
    [404, "not_found"],
    [418, "bad_request"],
    [502, "unavailable"],
  ])("turns a proxy's error page with status %i into %s", async (status, code) => {
    refuse(status, "<html>");
    await expect(createGuestSession({ url, name: "Ada" })).rejects.toMatchObject({ code });
  });

  it("rejects with unavailable when the server does not reply, or replies with something other than JSON", async () => {
    answer = (response) => response.destroy();
    await expect(createGuestSession({ url, name: "Ada" })).rejects.toMatchObject({ code: "unavailable" });
    refuse(200, "<html>");
    await expect(createGuestSession({ url, name: "Ada" })).rejects.toMatchObject({ code: "unavailable" });
  });
});
