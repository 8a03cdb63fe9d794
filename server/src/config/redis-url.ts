import { z } from "zod";

/** Where Redis is, and how to log in. */
export interface RedisAddress {
  /** One server, some servers of a Cluster, or the Sentinels. Empty for a unix socket. */
  hosts: { host: string; port: number }[];
  /** The path of a unix socket. */
  path?: string;
  tls?: object;
  username?: string;
  password?: string;
  db: number;
  /** The address without credentials, for errors and logs. */
  place: string;
}

const DEFAULT_PORT = 6_379;
const ENCODE =
  "percent-encode special characters in it (% as %25, @ as %40, / as %2F, : as %3A, ? as %3F, # as %23)";

/**
 * Parses one URL, or several URLs that are separated by commas. Several URLs list servers of one Cluster, or Sentinels.
 * @throws {TypeError} with the rule that is broken, and never with a part of the credentials
 */
export function parseRedisUrl(text: string): RedisAddress {
  const [first, ...others] = text.split(/,(?=\w+:\/\/)/).map(parseOne);
  for (const other of others) {
    if (loginOf(other) !== loginOf(first!)) {
      throw new TypeError(
        "lists servers of different kinds; scheme, credentials and database must be the same",
      );
    }
    if (other.path !== undefined) throw new TypeError("lists several unix sockets; only one is possible");
  }
  return {
    ...first!,
    hosts: [first!, ...others].flatMap(({ hosts }) => hosts),
    place: [first!, ...others].map(({ place }) => place).join(","),
  };
}

/** What all servers of one list must have in common, as text. */
function loginOf({ hosts: _, place: __, path, ...login }: RedisAddress): string {
  return JSON.stringify({ ...login, isSocket: path !== undefined });
}

/**
 * Parses `redis://` or `rediss://`, followed by `[user:password@]host[:port][,host[:port]...][/database]`, and
 * `unix://[user:password@]/path[?db=N]`.
 * @throws {TypeError} with the rule that is broken, and never with a part of the credentials
 */
function parseOne(text: string): RedisAddress {
  const [, scheme, rest] = /^(rediss?|unix):\/\/(.+)$/s.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) {
    throw new TypeError("must begin with redis://, rediss:// or unix://, followed by a host or a path");
  }
  const [, authority = "", path = "", query = ""] = /^([^/?#]*)([^?#]*)(.*)$/s.exec(rest)!;
  const at = authority.lastIndexOf("@");
  const userInfo = at === -1 ? null : authority.slice(0, at);
  // A raw / ? or # in a password ends the authority early. The @ after the password is then in `path` or `query`.
  const isCut = scheme !== "unix" && `${path}${query}`.includes("@");
  if (isCut || userInfo?.includes("@")) throw new TypeError(`has a password that can't be read: ${ENCODE}`);
  const credentials = userInfo === null ? {} : credentialsOf(userInfo);
  const host = authority.slice(at + 1);
  if (scheme === "unix") {
    if (host !== "" || path.length < 2)
      throw new TypeError("must name the path of a socket, as in unix:///run/redis.sock");
    return {
      hosts: [],
      path: decoded(path, "path"),
      ...credentials,
      db: databaseInQuery(query),
      place: `unix://${path}`,
    };
  }
  if (query !== "") throw new TypeError("must not have a query or a fragment");
  return {
    hosts: host.split(",").map(hostOf),
    ...(scheme === "rediss" && { tls: {} }),
    ...credentials,
    db: databaseInPath(path),
    place: `${scheme}://${host}${path}`,
  };
}

function credentialsOf(userInfo: string): { username?: string; password?: string } {
  const colon = userInfo.indexOf(":");
  const username = decoded(colon === -1 ? userInfo : userInfo.slice(0, colon), "user name");
  const password = colon === -1 ? "" : decoded(userInfo.slice(colon + 1), "password");
  return { ...(username !== "" && { username }), ...(password !== "" && { password }) };
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError(`has a ${what} with an invalid percent-encoding: ${ENCODE}`);
  }
}

function hostOf(text: string): { host: string; port: number } {
  const [, hostname, port = String(DEFAULT_PORT)] =
    /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (hostname === undefined || Number(port) > 65_535) {
    throw new TypeError(
      `must have the form redis://user:password@host:port/database; if it has a password, ${ENCODE}`,
    );
  }
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

function databaseInPath(path: string): number {
  const [, db = "0"] = /^\/?(\d{1,5})?$/.exec(path) ?? [null, null];
  if (db === null) throw new TypeError("must end with the number of a database, as in /0, or with nothing");
  return Number(db);
}

function databaseInQuery(query: string): number {
  const [, db = "0"] = /^(?:\?db=(\d{1,5}))?$/.exec(query) ?? [null, null];
  if (db === null) throw new TypeError("must have no query besides ?db=<number>");
  return Number(db);
}

/** The setting `REDIS_URL`. */
export const redisUrl = z.string().superRefine((text, context) => {
  try {
    parseRedisUrl(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});
