import type { IncomingHttpHeaders } from "node:http";

/** Origins of pages, as CORS takes them. */
export type Origins = readonly (string | RegExp)[];

/**
 * Whether a page of this very host, or of an origin that may call this node, sent a request: what a browser says, and no
 * page can change. A cookie goes along with what any page sends, so it alone is nobody's word.
 */
export function isFromOwnPage(headers: IncomingHttpHeaders, origins: Origins): boolean {
  if (headers["sec-fetch-site"] === "same-origin") return true;
  const { origin } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  if (origins.some((allowed) => (typeof allowed === "string" ? allowed === origin : allowed.test(origin))))
    return true;
  // No page can send the second one without being asked before whether it may.
  return [headers.host, headers["x-forwarded-host"]].some((host) => isOrigin(origin, host));
}

function isOrigin(origin: string, host: string | string[] | undefined): boolean {
  const { protocol } = new URL(origin);
  // A browser leaves the usual port out of the origin, a proxy may write it into the host.
  return (
    typeof host === "string" &&
    URL.canParse(`${protocol}//${host}`) &&
    new URL(`${protocol}//${host}`).origin === origin
  );
}
