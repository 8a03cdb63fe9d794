import type { IncomingHttpHeaders } from "node:http";

/** The token of a request, from `Authorization: Bearer` or `X-Api-Key`; null when it has none. */
export function tokenOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const apiKey = headers["x-api-key"];
  if (typeof apiKey === "string") return apiKey;
  // Credentials that can't be read must not pass as none at all: nothing matches an empty token.
  return headers.authorization === undefined ? null : "";
}
