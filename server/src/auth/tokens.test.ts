import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { type JWTHeaderParameters, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openSocketIo } from "../../test/support/drivers/socketio-driver.js";
import { openWebSocket } from "../../test/support/drivers/websocket-driver.js";
import { startTestNode, type TestNode } from "../../test/support/in-process-node.js";
import { TEST_API_KEY } from "../../test/support/names.js";
import { silentLog } from "../../test/support/silent-log.js";
import { secondsFromNow, TOKEN_SECRET, tokenFor } from "../../test/support/tokens.js";
import { digestOf } from "./digest.js";
import { Tokens } from "./tokens.js";

const secondSecret = "the secret from before the last rotation";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const unknownRsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const publicPem = pemOf(rsa.publicKey);

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode({
    GRANDSTAND_TOKEN_SECRET: `${TOKEN_SECRET},${secondSecret}`,
    GRANDSTAND_TOKEN_PUBLIC_KEY: publicPem,
    GRANDSTAND_TOKEN_ISSUER: "https://id.example",
    GRANDSTAND_TOKEN_AUDIENCE: "game",
  });
});

afterAll(() => node.close());

const base = { iss: "https://id.example", aud: "game" };

function pemOf(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** The response to a REST call with this token. */
async function responseTo(token: string): Promise<{ status: number; detail?: string }> {
  const response = await fetch(`${node.url}/v1/sessions`, { headers: { authorization: `Bearer ${token}` } });
  const { detail } = await response.json();
  return { status: response.status, detail };
}

function signed(key: KeyObject | Uint8Array, header: JWTHeaderParameters, claims = {}): Promise<string> {
  return new SignJWT({ sub: "ann", exp: secondsFromNow(60), ...base, ...claims })
    .setProtectedHeader(header)
    .sign(key);
}

describe("AU1: a user's JWT", () => {
  it("authenticates the user that it names over REST, WebSocket and Socket.IO", async () => {
    const token = await tokenFor("ann", { ...base, name: "Ann", avatar: "https://a.example/ann.png" });
    expect(await responseTo(token)).toMatchObject({ status: 200 });
    const user = { id: "ann", name: "Ann", avatar: "https://a.example/ann.png", isGuest: false };
    const socket = await openSocketIo(node.url, token);
    expect(socket.welcome).toMatchObject({ user, expiresAt: expect.stringMatching(/Z$/) });
    await socket.close();
    const ws = await openWebSocket(node.url, token);
    expect(ws.connected).toMatchObject({ ok: true, data: { user } });
    await ws.close();
  });

  it("may be signed with any configured secret or with the configured key pair", async () => {
    expect(await responseTo(await tokenFor("ann", base, secondSecret))).toMatchObject({ status: 200 });
    expect(await responseTo(await signed(rsa.privateKey, { alg: "RS256" }))).toMatchObject({ status: 200 });
  });

  it("may have a role, caps, several audiences and foreign claims", async () => {
    const claims = {
      ...base,
      aud: ["other", "game"],
      role: "moderator",
      caps: [{ channels: ["chat:team-*"], allow: ["subscribe", "publish"] }],
      "https://id.example/plan": { tier: 3 },
    };
    expect(await responseTo(await tokenFor("ann", claims))).toMatchObject({ status: 200 });
  });

  it("AU9: authenticates when its issuer's clock is 50 s ahead or 2 s behind", async () => {
    expect(await responseTo(await tokenFor("ann", { ...base, exp: secondsFromNow(-2) }))).toMatchObject({
      status: 200,
    });
    const early = { ...base, nbf: secondsFromNow(50), iat: secondsFromNow(50) };
    expect(await responseTo(await tokenFor("ann", early))).toMatchObject({ status: 200 });
  });
});

describe("AU9: a token that this node has seen", () => {
  const HOUR_MS = 3_600_000;

  afterEach(() => {
    vi.restoreAllMocks();
  });

  function shift(clock: { now(): number }, byMs: number): void {
    const now = clock.now.bind(clock);
    vi.spyOn(clock, "now").mockImplementation(() => now() + byMs);
  }

  it("expires after its lifetime, even if a clock that was ahead is set back", async () => {
    // When the clock is an hour ahead, the token has ten seconds left.
    const token = await tokenFor("ann", { ...base, exp: secondsFromNow(3_610) });
    shift(Date, HOUR_MS);
    expect(await responseTo(token)).toMatchObject({ status: 200 });
    vi.restoreAllMocks();
    expect(await responseTo(token)).toMatchObject({ status: 200 });
    shift(performance, 20_000);
    expect(await responseTo(token)).toMatchObject({ status: 401 });
    expect(await responseTo(token)).toMatchObject({ status: 401 });
  });

  it("expires when the clock is set forward past its expiry", async () => {
    const token = await tokenFor("ann", { ...base, exp: secondsFromNow(60) });
    expect(await responseTo(token)).toMatchObject({ status: 200 });
    shift(Date, HOUR_MS);
    expect(await responseTo(token)).toMatchObject({ status: 401 });
  });
});

describe("AU2: a token is `unauthenticated`, with the same text for every cause, if it", () => {
  const header = part({ alg: "HS256", typ: "JWT" });
  const claims = { sub: "ann", exp: secondsFromNow(60), ...base };
  const hmac = (key: string, head = header, body = part(claims)) =>
    `${head}.${body}.${createHmac("sha256", key).update(`${head}.${body}`).digest("base64url")}`;

  it("has a fault; the token from which the faulty tokens are made is accepted", async () => {
    expect(await responseTo(hmac(TOKEN_SECRET))).toMatchObject({ status: 200 });
  });

  const cases: Record<string, () => string | Promise<string>> = {
    "is not a JWT": () => "a.b.c",
    "has three empty parts": () => "..",
    "has a header that is not an object": () => `${part("HS256")}.${part(claims)}.sig`,
    "is unsigned": () => `${header}.${part(claims)}.`,
    "has `alg: none`": () => `${part({ alg: "none" })}.${part(claims)}.`,
    "has `alg: nOnE` and a signature": () => hmac(TOKEN_SECRET, part({ alg: "nOnE" })),
    "has no `alg`": () => hmac(TOKEN_SECRET, part({})),
    "is signed with another secret": () => tokenFor("ann", base, "another secret of 32 bytes or even more"),
    "is signed with an empty secret": () => hmac(""),
    "has a changed payload": async () => {
      const [head, , signature] = (await tokenFor("ann", base)).split(".");
      return `${head}.${part({ ...claims, sub: "root" })}.${signature}`;
    },
    "is signed with the PEM of the public key as the secret": () => hmac(publicPem),
    "is signed with the PEM of the public key, without its last line break, as the secret": () =>
      hmac(publicPem.trim()),
    "has `alg: HS512`": () => signed(new TextEncoder().encode(TOKEN_SECRET), { alg: "HS512" }),
    "has `alg: PS256` and the right key": () => signed(rsa.privateKey, { alg: "PS256" }),
    "is signed with an unknown RSA key": () => signed(unknownRsa.privateKey, { alg: "RS256" }),
    "contains the key that it is signed with": () =>
      signed(unknownRsa.privateKey, {
        alg: "RS256",
        jwk: unknownRsa.publicKey.export({ format: "jwk" }) as never,
      }),
    "has an unknown critical header": () => hmac(TOKEN_SECRET, part({ alg: "HS256", crit: ["exp"], exp: 1 })),
    "has a payload that is not encoded (`b64: false`)": () =>
      hmac(TOKEN_SECRET, part({ alg: "HS256", b64: false, crit: ["b64"] })),
    "has `b64: false` that is not critical": () => hmac(TOKEN_SECRET, part({ alg: "HS256", b64: false })),
    "has `alg: hs256`": () => hmac(TOKEN_SECRET, part({ alg: "hs256" })),
    "has a header that is a list": () => hmac(TOKEN_SECRET, part([{ alg: "HS256" }])),
    "has a payload that is a list": () => hmac(TOKEN_SECRET, header, part([claims])),
    "has a payload that is not JSON": () => hmac(TOKEN_SECRET, header, "e30x"),
    "has a truncated signature": () => hmac(TOKEN_SECRET).slice(0, -2),
    "has a character after the signature": () => `${hmac(TOKEN_SECRET)}A`,
    "has its signature twice": () => `${hmac(TOKEN_SECRET)}${hmac(TOKEN_SECRET).split(".")[2]}`,
    "has a signature with padding": () => `${hmac(TOKEN_SECRET)}=`,
    "has a signature of zeros": () =>
      hmac(TOKEN_SECRET).replace(/[^.]+$/, Buffer.alloc(32).toString("base64url")),
    "is expired": () => tokenFor("ann", { ...base, exp: secondsFromNow(-10) }),
    "is not valid yet": () => tokenFor("ann", { ...base, nbf: secondsFromNow(70) }),
    "has an `nbf` that is text": () => tokenFor("ann", { ...base, nbf: "tomorrow" }),
    "was issued in the future": () => tokenFor("ann", { ...base, iat: secondsFromNow(70) }),
    "has no `exp`": () => tokenFor("ann", { ...base, exp: null }),
    "has an `exp` that is text": () => tokenFor("ann", { ...base, exp: "tomorrow" }),
    "is valid for more than 400 days": () => tokenFor("ann", { ...base, exp: secondsFromNow(401 * 86_400) }),
    "is valid for more than 400 days and has no `iat`": () =>
      tokenFor("ann", { ...base, iat: null, exp: secondsFromNow(401 * 86_400) }),
    "has another issuer": () => tokenFor("ann", { ...base, iss: "https://evil.example" }),
    "has no issuer": () => tokenFor("ann", { aud: "game" }),
    "has another audience": () => tokenFor("ann", { ...base, aud: "bank" }),
    "has no `sub`": () => tokenFor("ann", { ...base, sub: null }),
    "has an empty `sub`": () => tokenFor("", base),
    "has a `sub` that is a number": () => tokenFor("ann", { ...base, sub: 7 }),
    "has a `sub` with a control character": () => tokenFor("an\u0000n", base),
    "has a `sub` that is too long": () => tokenFor("a".repeat(129), base),
    "has a name that is not text": () => tokenFor("ann", { ...base, name: { first: "Ann" } }),
    "has a role that is not text": () => tokenFor("ann", { ...base, role: ["admin"] }),
    "has caps that are not a list": () => tokenFor("ann", { ...base, caps: "*" }),
    "has caps with an unknown right": () =>
      tokenFor("ann", { ...base, caps: [{ channels: ["*"], allow: ["everything"] }] }),
    "has caps with an unknown field": () =>
      tokenFor("ann", { ...base, caps: [{ channels: ["*"], allow: ["subscribe"], deny: ["publish"] }] }),
    "has caps without channels": () => tokenFor("ann", { ...base, caps: [{ allow: ["subscribe"] }] }),
    "is longer than 8 KiB": () => tokenFor("ann", { ...base, filler: "x".repeat(8_192) }),
  };

  for (const [name, make] of Object.entries(cases)) {
    it(name, async () => {
      expect(await responseTo(await make())).toEqual({
        status: 401,
        detail: "The credentials are not valid",
      });
    });
  }

  it("is signed with another secret, also over Socket.IO and WebSocket", async () => {
    const token = hmac("another secret of 32 bytes or even more");
    const message = "The credentials are not valid";
    await expect(openSocketIo(node.url, token)).rejects.toMatchObject({
      data: { code: "unauthenticated", message },
    });
    const ws = await openWebSocket(node.url, token);
    expect(ws.connected).toMatchObject({ error: { code: "unauthenticated", message } });
    await ws.close();
  });
});

it.each([
  ['The claim "nbf" must be a number', { nbf: "tomorrow" }],
  ['The claim "nbf" lies in the future', { nbf: secondsFromNow(70) }],
])("AU2: the node's log names the fault of a token: %s", async (fault, claims) => {
  const settings = { secrets: [TOKEN_SECRET], publicKey: null, jwksUrl: null, issuer: null, audience: null };
  const tokens = new Tokens(settings, { cooldownMs: 0, failedMs: 0, maxAgeMs: 0 }, silentLog);
  const token = await tokenFor("ann", claims);
  await expect(tokens.callerOf(token, digestOf(token))).rejects.toThrow(fault);
});

it("AU1: a node without a configured secret or key refuses a token", async () => {
  const other = await startTestNode();
  const response = await fetch(`${other.url}/v1/sessions`, {
    headers: { authorization: `Bearer ${await tokenFor("ann")}` },
  });
  expect(response.status).toBe(401);
  await other.close();
});

it("OP3: while the JWKS host is down a token is `unavailable`, and an API key works", async () => {
  const other = await startTestNode({ GRANDSTAND_JWKS_URL: "http://127.0.0.1:1/jwks" });
  const sent = (token: string) =>
    fetch(`${other.url}/v1/sessions?user=ann`, { headers: { authorization: `Bearer ${token}` } });
  const response = await sent(await signed(rsa.privateKey, { alg: "RS256", kid: "k" }));
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  expect((await sent(TEST_API_KEY)).status).toBe(200);
  await other.close();
});
