import { GrandstandError, type Issue } from "@grandstand/shared/errors";
import type { ConnectionState } from "./connection-state.js";
import type { Token } from "./token-source.js";

/**
 * The transport that a client uses. `auto` uses WebSocket, and falls back to Socket.IO where WebSockets are
 * blocked.
 */
export type TransportName = "auto" | "websocket" | "socketio";

/** Receives log lines about the connection, for debugging. The details never contain a token. */
export type DebugLogger = (message: string, details: Readonly<Record<string, unknown>>) => void;

export interface ClientOptions {
  /**
   * The server's address, such as `https://play.example.com`, or `https://example.com/rt` with a path prefix.
   * If the server has the same origin as the page, the page may omit the address, or give the path prefix
   * only.
   */
  url?: string | undefined;
  /**
   * A token, or a function that returns one. Without it, the browser's session cookie authenticates the
   * client.
   */
  token?: Token | null | undefined;
  /** `auto` by default. */
  transport?: TransportName | undefined;
  /** How long a call may take, including the wait for a connection, in milliseconds. 10,000 by default. */
  callTimeoutMs?: number | undefined;
  /**
   * The idle timeout: a connection without a call and without a live view is closed after this time, in
   * milliseconds. The next call or live view opens it again. 60,000 by default; 0 turns the timeout off.
   */
  idleMs?: number | undefined;
  /** Called with each new state of the connection. */
  onStatus?: ((state: ConnectionState) => void) | undefined;
  /**
   * Called with each failure that is not the result of a call, such as a failed attempt to connect, a failed
   * token function or a lost connection. Also called with `conflict` when a new connection belongs to another user.
   */
  onError?: ((error: GrandstandError) => void) | undefined;
  /** `true` writes log lines about the connection to `console.debug`; a function receives the lines instead. */
  debug?: boolean | DebugLogger | undefined;
  /** A WebSocket implementation for runtimes that have none, such as `ws` on Node 20. */
  webSocket?: typeof WebSocket | undefined;
}

/** Returns what is wrong with a value, such as "must be a string"; null if the value is valid. */
type Check = (value: unknown) => string | null;

/** @param types the allowed results of `typeof`, separated by spaces */
function typeFault(value: unknown, types: string, what: string): string | null {
  return types.includes(typeof value) ? null : `must be ${what}`;
}

function functionFault(value: unknown): string | null {
  return typeFault(value, "function", "a function");
}

/** The check of each option of `createClient`. */
const rules: Readonly<Record<keyof ClientOptions, Check>> = {
  url: urlFault,
  token: tokenFault,
  transport: (value) =>
    /^(auto|websocket|socketio)$/.test(String(value)) ? null : "must be 'auto', 'websocket' or 'socketio'",
  callTimeoutMs: timeoutFault,
  idleMs: (value) => (value === 0 ? null : timeoutFault(value)),
  onStatus: functionFault,
  onError: functionFault,
  debug: (value) => typeFault(value, "boolean function", "true or a function"),
  webSocket: (value) => typeFault(value, "function", "a WebSocket class"),
};

/** @throws {GrandstandError} `bad_request` that names each wrong option and the rule it breaks. */
export function checkOptions(options: object): void {
  check(options, rules);
}

/** @throws {GrandstandError} `bad_request` that names each wrong option of `createGuestSession`. */
export function checkGuestOptions(options: object): void {
  // The server checks the name.
  check(options, { url: urlFault, name: () => null });
}

/** @throws {GrandstandError} `bad_request` that names the option `token`. */
export function checkToken(token: unknown): void {
  check({ token }, rules);
}

/** @throws {GrandstandError} `bad_request` that names the option `timeoutMs`. */
export function checkTimeout(timeoutMs: number): void {
  check({ timeoutMs }, { timeoutMs: timeoutFault });
}

function check(options: object, rules: Readonly<Record<string, Check>>): void {
  const issues: Issue[] = [];
  for (const [path, value] of Object.entries(options)) {
    if (value === undefined || value === null) continue;
    const rule = Object.hasOwn(rules, path) && rules[path];
    const message = rule ? rule(value) : `is not an option; the options are ${Object.keys(rules).join(", ")}`;
    if (message) issues.push({ path, rule: "option", message });
  }
  if (issues.length > 0) throw invalid(issues);
}

function invalid(issues: Issue[]): GrandstandError {
  const text = issues.map(({ path, message }) => `${path} ${message}`).join("; ");
  return new GrandstandError("bad_request", text, { issues });
}

function tokenFault(token: unknown): string | null {
  if (typeof token === "function") return null;
  if (typeof token !== "string") return "must be a string or a function that returns one";
  return token.trim() === "" ? "must not be empty" : null;
}

function timeoutFault(value: unknown): string | null {
  const isValid = typeof value === "number" && value > 0 && value < 2 ** 31;
  return isValid ? null : "must be a positive number of milliseconds";
}

function urlFault(url: unknown): string | null {
  if (typeof url !== "string") return "must be a string";
  return url === "" || isPath(url) || addressOf(url) !== null ? null : "must be http(s)://host[:port][/path]";
}

/** Scheme, host with port, and path. The class `URL` of React Native is too incomplete for this. */
const ADDRESS = /^(https?|wss?):\/\/((?:\[[0-9a-f:.]+\]|[^\s/?#@:[\]]+)(?::\d{1,5})?)(\/[^\s?#]*)?$/i;

/** Where a server is. */
export interface Address {
  /** `http://host:port` or `https://host:port`. */
  origin: string;
  /** The path prefix without a slash at its end; empty if there is none. */
  prefix: string;
}

/** @throws {GrandstandError} `bad_request` if `url` has no host and there is no page whose origin could complete it. */
export function resolveAddress(url: string): Address {
  const address = addressOf(isPath(url) || url === "" ? `${pageOrigin()}${url}` : url);
  if (address) return address;
  throw invalid([{ path: "url", rule: "option", message: "is needed outside of a web page" }]);
}

function isPath(url: string): boolean {
  return url.startsWith("/") && !url.startsWith("//");
}

/** The origin of the page; empty if there is no page. */
export function pageOrigin(): string {
  const page = (globalThis as { location?: { origin?: string } }).location;
  return page?.origin ?? "";
}

function addressOf(url: string): Address | null {
  const [, scheme, host, path = ""] = ADDRESS.exec(url) ?? [];
  if (scheme === undefined || host === undefined) return null;
  const isSecure = /^(https|wss)$/i.test(scheme);
  return {
    origin: `${isSecure ? "https" : "http"}://${host.toLowerCase()}`,
    prefix: path.replace(/\/+$/, ""),
  };
}
