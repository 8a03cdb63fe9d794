import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../support/accounts.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { exchange, requestText } from "../support/attacks/raw-http.js";
import { openRawSocketIo } from "../support/attacks/socketio-target.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { TEST_API_KEY } from "../support/names.js";

const SECRET = "a secret of thirty-two bytes or more";
const es256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const unknownKeys = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const publicPem = es256.publicKey.export({ type: "spki", format: "pem" }).toString();

let node: AttackedNode;
let guest: { token: string };

beforeAll(async () => {
  node = await startAttackedNode({
    GRANDSTAND_TOKEN_SECRET: SECRET,
    GRANDSTAND_TOKEN_PUBLIC_KEY: publicPem,
    GRANDSTAND_TOKEN_AUDIENCE: "game",
  });
  guest = (await newGuest(node.url)) as { token: string };
});

afterAll(() => node.close());

afterEach(async () => {
  await eventually(() => expect(node.connectionCount()).toBe(0));
  expect(node.loggedErrors).toEqual([]);
});

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Builds a token by hand, so that it can be invalid. */
function forged(header: object, claims: object, signature: (text: string) => Buffer): string {
  const all = { sub: "ann", aud: "game", exp: inSeconds(60), ...claims };
  const text = `${part({ typ: "JWT", ...header })}.${part(all)}`;
  return `${text}.${signature(text).toString("base64url")}`;
}

const hmac =
  (secret: string | Buffer, hash = "sha256") =>
  (text: string) =>
    createHmac(hash, secret).update(text).digest();
const ecdsa =
  (key: typeof es256.privateKey, dsaEncoding: "ieee-p1363" | "der" = "ieee-p1363") =>
  (text: string) =>
    sign("sha256", Buffer.from(text), { key, dsaEncoding });
const nothing = () => Buffer.alloc(0);

const hs256 = (claims: object, secret = SECRET) => forged({ alg: "HS256" }, claims, hmac(secret));

/**
 * Presents a token on each transport: in headers if the token fits into one, in the frame `connect` of WebSocket, and
 * in `auth` of Socket.IO. Over HTTP, each status but 401 counts as accepted.
 * @returns the places in which the node accepted the token
 */
async function acceptedPlaces(token: string): Promise<string[]> {
  const accepted: string[] = [];
  const fitsHeader = !/[^\x21-\x7e]/.test(token) && token !== "" && token.length < 12_000;
  if (fitsHeader) {
    for (const header of [
      ["authorization", `Bearer ${token}`],
      ["x-api-key", token],
    ] as const) {
      const [answer] = await exchange(node.port, requestText("GET /v1/leaderboards", [header]));
      if (answer!.status !== 401) accepted.push(`REST ${header[0]} ${answer!.status}`);
      const [stream] = await exchange(
        node.port,
        requestText("GET /v1/channels/leaderboard%3Anone/events", [header]),
      );
      if (stream!.status !== 401) accepted.push(`SSE ${header[0]} ${stream!.status}`);
      const client = new WebSocket(`${node.url.replace("http", "ws")}/v1/ws`, {
        headers: { [header[0]]: header[1] },
      });
      const outcome = await new Promise<string>((resolve) => {
        client.once("open", () => resolve("open"));
        client.once("error", ({ message }) => resolve(message));
      });
      client.terminate();
      if (!outcome.includes("401")) accepted.push(`WebSocket ${header[0]} ${outcome}`);
    }
  }
  const plain = await openWebSocket(node.url, null);
  const connected = await plain.call("connect", { token });
  if (connected.ok) accepted.push("WebSocket connect");
  await plain.close();
  const { socket, received } = await openRawSocketIo(node.port, `40${JSON.stringify({ token })}`);
  if (!received.at(-1)?.startsWith('44{"message":')) accepted.push("Socket.IO auth");
  socket.terminate();
  return accepted;
}

it("AU2: valid credentials of each kind are accepted on every transport, in headers, `connect` and `auth`", async () => {
  for (const token of [
    hs256({}),
    forged({ alg: "ES256" }, {}, ecdsa(es256.privateKey)),
    guest.token,
    TEST_API_KEY,
  ]) {
    expect(await acceptedPlaces(token)).toHaveLength(8);
  }
});

const validToken = () => hs256({});

/** A token with a valid signature, whose claims are the bytes of `content`. */
function claimsOf(content: Buffer): string {
  const text = `${part({ alg: "HS256" })}.${content.toString("base64url")}`;
  return `${text}.${hmac(SECRET)(text).toString("base64url")}`;
}

it.each<[string, () => string]>([
  ["an empty string", () => ""],
  ["a space", () => " "],
  ["a NUL", () => "\0"],
  ["`__proto__`", () => "__proto__"],
  ["an API key's name", () => "test"],
  ["an API key in upper case", () => TEST_API_KEY.toUpperCase()],
  ["an API key cut short", () => TEST_API_KEY.slice(0, -1)],
  ["an API key with a character appended", () => `${TEST_API_KEY}x`],
  ["an API key with a NUL appended", () => `${TEST_API_KEY}\0`],
  ["an API key after a space", () => ` ${TEST_API_KEY}`],
  ["an API key with a letter that looks the same", () => TEST_API_KEY.replace("e", "\u0435")],
  ["a session cut short", () => guest.token.slice(0, -1)],
  [
    "a session changed in one character",
    () => guest.token.slice(0, -1) + (guest.token.endsWith("A") ? "B" : "A"),
  ],
  ["the prefix of sessions alone", () => "gss_"],
  ["a session as its Redis key", () => `gss_}:{session:${guest.token}`],
  ["a pattern that matches sessions", () => "gss_*"],
  ["text longer than any token", () => "x".repeat(8_193)],
  ["a session longer than any token", () => `gss_${"x".repeat(8_193)}`],
  ["text outside of ASCII", () => "ключ"],
  ["a lone surrogate", () => "\ud800"],
  ["the algorithm `none`", () => forged({ alg: "none" }, {}, nothing)],
  ["the algorithm `NonE`", () => forged({ alg: "NonE" }, {}, nothing)],
  ["the algorithm `none` with a signature", () => forged({ alg: "none" }, {}, hmac(SECRET))],
  ["an algorithm that is a list", () => forged({ alg: ["HS256"] }, {}, hmac(SECRET))],
  ["no signature", () => validToken().replace(/[^.]+$/, "")],
  ["two parts", () => validToken().replace(/\.[^.]+$/, "")],
  ["four parts", () => `${validToken()}.x`],
  ["a signature cut short", () => validToken().slice(0, -4)],
  ["a signature in padded base64", () => `${validToken()}==`],
  ["a signature by another secret", () => hs256({}, "another secret of thirty-two bytes or more")],
  ["a signature by an empty secret", () => hs256({}, "")],
  ["another hash with the right secret", () => forged({ alg: "HS512" }, {}, hmac(SECRET, "sha512"))],
  ["the public key as a secret", () => hs256({}, publicPem)],
  [
    "the public key's DER as a secret",
    () =>
      forged({ alg: "HS256" }, {}, hmac(createPublicKey(publicPem).export({ type: "spki", format: "der" }))),
  ],
  ["a signature by an unknown key", () => forged({ alg: "ES256" }, {}, ecdsa(unknownKeys.privateKey))],
  [
    "an unknown key in its own header",
    () =>
      forged(
        { alg: "ES256", jwk: unknownKeys.publicKey.export({ format: "jwk" }) },
        {},
        ecdsa(unknownKeys.privateKey),
      ),
  ],
  [
    "a key URL in its header",
    () =>
      forged(
        { alg: "ES256", jku: `${node.url}/openapi.json`, kid: "../../etc/passwd" },
        {},
        ecdsa(unknownKeys.privateKey),
      ),
  ],
  ["a signature of zeros", () => forged({ alg: "ES256" }, {}, () => Buffer.alloc(64))],
  ["a signature in DER", () => forged({ alg: "ES256" }, {}, ecdsa(es256.privateKey, "der"))],
  ["the right key with another algorithm", () => forged({ alg: "ES384" }, {}, ecdsa(es256.privateKey))],
  ["an unknown critical header", () => forged({ alg: "HS256", crit: ["b64"], b64: false }, {}, hmac(SECRET))],
  ["an expiry in the past", () => hs256({ exp: inSeconds(-30) })],
  ["no expiry", () => hs256({ exp: undefined })],
  ["an expiry that is text", () => hs256({ exp: String(inSeconds(60)) })],
  ["an infinite expiry", () => claimsOf(Buffer.from('{"sub":"ann","aud":"game","exp":1e999}'))],
  ["a start in the future", () => hs256({ nbf: inSeconds(120) })],
  ["another audience", () => hs256({ aud: "shop" })],
  ["no audience", () => hs256({ aud: undefined })],
  ["no user", () => hs256({ sub: undefined })],
  ["a user that is a list", () => hs256({ sub: ["ann"] })],
  ["a user with a line feed", () => hs256({ sub: "ann\nserver:test" })],
  ["a user that is two dots", () => hs256({ sub: ".." })],
  ["claims that are not an object", () => claimsOf(Buffer.from('"ann"'))],
  [
    "claims that are not UTF-8",
    () => claimsOf(Buffer.from(JSON.stringify({ sub: "\xff", aud: "game", exp: inSeconds(60) }), "latin1")),
  ],
])("AU2: a token is refused in headers, `connect` and `auth`: %s", async (_what, make) => {
  expect(await acceptedPlaces(make())).toEqual([]);
});

it("AU2: a token in the URL is ignored", async () => {
  const query = `token=${TEST_API_KEY}&access_token=${TEST_API_KEY}&apiKey=${TEST_API_KEY}`;
  for (const path of ["/v1/leaderboards", "/v1/channels/leaderboard%3Anone/events"]) {
    const [answer] = await exchange(node.port, requestText(`GET ${path}?${query}`));
    expect(answer!.status).toBe(401);
  }
  const plain = new WebSocket(`${node.url.replace("http", "ws")}/v1/ws?${query}`);
  const answer = new Promise((resolve) => plain.once("message", (text) => resolve(JSON.parse(String(text)))));
  plain.once("open", () => plain.send('{"id":1,"op":"leaderboard.list"}'));
  expect(await answer).toMatchObject({ error: { code: "unauthenticated" } });
  plain.terminate();
});

it("AU2: a request with a valid and an invalid credential header is refused", async () => {
  const wrongBearer = ["authorization", "Bearer wrong"] as const;
  const rightKey = ["x-api-key", TEST_API_KEY] as const;
  for (const headers of [
    [wrongBearer, ["authorization", `Bearer ${TEST_API_KEY}`] as const],
    [wrongBearer, rightKey],
    [rightKey, wrongBearer],
    [rightKey, ["x-api-key", "wrong"] as const],
  ]) {
    const [answer] = await exchange(node.port, requestText("GET /v1/leaderboards", headers));
    expect(answer!.status).toBe(401);
  }
});

it.each([
  "Bearer",
  "Bearer ",
  `Bearer ${TEST_API_KEY} x`,
  `Bearer\t${TEST_API_KEY}`,
  `Basic ${TEST_API_KEY}`,
  TEST_API_KEY,
  `Bearer,${TEST_API_KEY}`,
])("AU2: the header `Authorization: %s` is refused, not treated as missing", async (value) => {
  const [answer] = await exchange(node.port, requestText("GET /v1/leaderboards", [["authorization", value]]));
  expect(answer!.status).toBe(401);
  const createSession = requestText(
    "POST /v1/sessions",
    [
      ["authorization", value],
      ["content-type", "application/json"],
      ["content-length", "15"],
    ],
    '{"name":"Anna"}',
  );
  const [created] = await exchange(node.port, createSession);
  expect(created!.status).toBe(401);
});

it("AU3: `auth.refresh` refuses invalid tokens and tokens of other callers", async () => {
  const client = await openWebSocket(node.url, hs256({}));
  for (const token of [
    "",
    "x",
    forged({ alg: "none" }, {}, nothing),
    hs256({ exp: inSeconds(-30) }),
    hs256({ sub: "bo" }),
    guest.token,
    TEST_API_KEY,
  ]) {
    const answer = await client.call("auth.refresh", { token });
    expect(answer).toMatchObject({ ok: false });
    expect(["bad_request", "unauthenticated", "forbidden"]).toContain(
      (answer as { error: { code: string } }).error.code,
    );
  }
  expect(await client.call("auth.refresh", { token: hs256({ exp: inSeconds(90) }) })).toMatchObject({
    data: { user: { id: "ann" } },
  });
  await client.close();
});
