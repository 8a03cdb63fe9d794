import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { expectWithin } from "../../test/support/expect-within.js";
import { silentLog } from "../../test/support/silent-log.js";
import { secondsFromNow } from "../../test/support/tokens.js";
import { digestOf } from "./digest.js";
import type { KeySetPace } from "./key-set.js";
import { Tokens } from "./tokens.js";

/** The server at which an identity provider publishes its keys. */
let host: Server;
let jwksUrl: URL;
let keys: JWK[];
let requests: number;
let respond: (response: ServerResponse) => void;

beforeEach(async () => {
  requests = 0;
  keys = [];
  respond = (response) => response.end(JSON.stringify({ keys }));
  host = createServer((_request, response) => {
    requests += 1;
    respond(response);
  }).listen(0, "127.0.0.1");
  await once(host, "listening");
  jwksUrl = new URL(`http://127.0.0.1:${(host.address() as AddressInfo).port}/jwks`);
});

afterEach(() => {
  host.closeAllConnections();
  host.close();
});

/**
 * Creates a key pair of the provider.
 * @returns the JWK to publish, and a function that signs a token for user `ann`
 */
async function newKey(kid: string, alg: "RS256" | "ES256" | "EdDSA" = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg };
  const token = () =>
    new SignJWT({ sub: "ann", exp: secondsFromNow(60) }).setProtectedHeader({ alg, kid }).sign(privateKey);
  return { jwk, token };
}

function checker(changes: Partial<KeySetPace> = {}) {
  const pace = { cooldownMs: 0, failedMs: 0, maxAgeMs: 600_000, ...changes };
  const tokens = new Tokens(
    { secrets: [], publicKey: null, jwksUrl, issuer: null, audience: null },
    pace,
    silentLog,
  );
  return (token: string) => tokens.callerOf(token, digestOf(token));
}

const ann = { kind: "user", user: { id: "ann" } };

it("AU1: tokens are checked with the keys at a JWKS URL: RS256, ES256, EdDSA", async () => {
  const all = await Promise.all([newKey("r", "RS256"), newKey("e", "ES256"), newKey("o", "EdDSA")]);
  keys = all.map(({ jwk }) => jwk);
  const check = checker();
  for (const { token } of all) expect(await check(await token())).toMatchObject(ann);
  expect(requests).toBe(1);
});

it("AU1: after a key rotation a token of the new key is accepted and a token of the old key refused", async () => {
  const first = await newKey("first");
  const second = await newKey("second");
  keys = [first.jwk];
  const check = checker();
  await check(await first.token());
  keys = [second.jwk];
  expect(await check(await second.token())).toMatchObject(ann);
  await expect(check(await first.token())).rejects.toThrow();
});

it("AU2: tokens with unknown keys do not make the node fetch the set repeatedly", async () => {
  const known = await newKey("known");
  const unknown = await newKey("unknown");
  keys = [known.jwk];
  const check = checker({ cooldownMs: 60_000 });
  await check(await known.token());
  for (let at = 0; at < 20; at += 1) {
    await expect(check(await unknown.token())).rejects.not.toHaveProperty("retryAfterMs");
  }
  expect(requests).toBe(1);
});

it("AU2: a token with HS256 is refused, even if the key set contains its secret by mistake", async () => {
  const { jwk, token } = await newKey("k");
  keys = [
    { kty: "oct", k: Buffer.from("a secret that is in the set by mistake").toString("base64url"), kid: "s" },
    jwk,
  ];
  const check = checker();
  const confused = await new SignJWT({ sub: "ann", exp: secondsFromNow(60) })
    .setProtectedHeader({ alg: "HS256", kid: "s" })
    .sign(Buffer.from("a secret that is in the set by mistake"));
  await expect(check(confused)).rejects.toThrow("HS256");
  await check(await token());
});

it("AU1: a token that was verified is accepted again after its key can no longer be fetched", async () => {
  const { jwk, token } = await newKey("k");
  keys = [jwk];
  const check = checker();
  const verified = await token();
  await check(verified);
  keys = [];
  host.closeAllConnections();
  host.close();
  expect(await check(verified)).toMatchObject(ann);
});

it("AU2: a verified token is refused once the node knows that its key left the set", async () => {
  const [removed, kept] = [await newKey("removed"), await newKey("kept")];
  keys = [removed.jwk, kept.jwk];
  const check = checker();
  const [refused, accepted] = [await removed.token(), await kept.token()];
  for (const token of [refused, accepted]) await check(token);
  const next = await newKey("next");
  keys = [kept.jwk, next.jwk];
  await check(await next.token());
  await expect(check(refused)).rejects.toThrow();
  expect(await check(accepted)).toMatchObject(ann);
});

it("AU2: a key set past its maximum age is fetched again, even if all arriving tokens were verified before", async () => {
  const { jwk, token } = await newKey("k");
  keys = [jwk];
  const check = checker({ maxAgeMs: 250 });
  const verified = await token();
  await check(verified);
  keys = [];
  await eventually(() => expect(check(verified)).rejects.toThrow());
});

it("OP3: while the JWKS host is down, known keys still work, and a token with an unknown key is `unavailable`", async () => {
  const known = await newKey("known");
  const later = await newKey("later");
  keys = [known.jwk];
  const check = checker({ failedMs: 60_000 });
  await check(await known.token());
  host.closeAllConnections();
  host.close();
  expect(await check(await known.token())).toMatchObject(ann);
  for (let at = 0; at < 3; at += 1) {
    await expect(check(await later.token())).rejects.toMatchObject({
      code: "unavailable",
      retryAfterMs: 60_000,
    });
  }
  expect(await check(await known.token())).toMatchObject(ann);
});

it("OP3: a failed fetch is shared by all waiting tokens and not repeated for a while", async () => {
  respond = (response) => response.writeHead(500).end();
  const { token } = await newKey("k");
  const check = checker({ failedMs: 60_000 });
  const all = await Promise.all(Array.from({ length: 20 }, token));
  const outcomes = await Promise.allSettled(all.map(check));
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "unavailable" } });
  await expect(check(await token())).rejects.toMatchObject({ code: "unavailable" });
  expect(requests).toBe(1);
});

it("OP3: a fetch without a complete response times out", async () => {
  const { token } = await newKey("k");
  respond = (response) => {
    if (requests === 2) response.write('{"keys":[');
  };
  const startedAt = performance.now();
  const checks = [1, 2].map(async () => checker({ failedMs: 1_000 })(await token()));
  for (const outcome of await Promise.allSettled(checks)) {
    expect(outcome).toMatchObject({ reason: { code: "unavailable", retryAfterMs: 1_000 } });
  }
  expect(requests).toBe(2);
  expectWithin(6_000, startedAt);
});

it("OP3: an invalid key set makes tokens `unavailable` until the set is valid", async () => {
  const { jwk, token } = await newKey("k");
  keys = [jwk];
  const check = checker();
  for (const wrong of [
    "<html>",
    "[]",
    '{"keys":7}',
    '{"keys":["k"]}',
    `{"keys":[],"x":"${"x".repeat(1_048_576)}"}`,
  ]) {
    respond = (response) => response.end(wrong);
    await expect(check(await token())).rejects.toMatchObject({ code: "unavailable" });
  }
  respond = (response) => response.end(JSON.stringify({ keys }));
  expect(await check(await token())).toMatchObject(ann);
});
