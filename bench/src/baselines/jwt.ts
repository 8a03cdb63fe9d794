import { createHmac, timingSafeEqual } from "node:crypto";

/** Signs an HS256 token. */
export function signToken(claims: object, secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** The user of an HS256 token. @throws when the token is not valid */
export function verifiedUser(token: string, secret: string): string {
  const [head, body, signature] = token.split(".") as [string, string, string];
  const expected = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Error("wrong signature");
  const { sub, exp } = JSON.parse(Buffer.from(body, "base64url").toString()) as { sub: string; exp: number };
  if (exp * 1_000 < Date.now()) throw new Error("expired");
  return sub;
}
