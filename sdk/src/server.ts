import type { InputOf, OutputOf, RestOperationName } from "@grandstand/shared/contract";
import { errorTable } from "@grandstand/shared/error-table";
import { GrandstandError } from "@grandstand/shared/errors";
import { growingDelays } from "./growing-delays.js";
import { checkOptions, endpointOf, wrongOption } from "./http-options.js";
import { newKey } from "./idempotency-key.js";
import type { DomainOf, MethodOf } from "./operation-names.js";
import { pause } from "./pause.js";
import { errorOf } from "./problem.js";
import { queryText } from "./query-text.js";
import { routes } from "./rest-routes.js";

export type { InputOf, OutputOf, RestOperationName } from "@grandstand/shared/contract";
export { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";

export interface ServerClientOptions {
  /** The server's address, as in `https://play.example.com`. */
  url: string;
  apiKey: string;
  /** How long a call may take with all its retries, in milliseconds. 10,000 when not given. */
  timeoutMs?: number;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch;
}

export interface ServerCallOptions {
  /** Instead of the client's `timeoutMs`. */
  timeoutMs?: number;
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The output of an operation over REST: an export is streamed, all other outputs are objects. */
export type RestOutputOf<N extends RestOperationName> = N extends "leaderboard.export"
  ? ReadableStream<Uint8Array>
  : OutputOf<N>;

type Method<N extends RestOperationName> =
  Record<string, never> extends InputOf<N>
    ? (input?: InputOf<N>, options?: ServerCallOptions) => Promise<RestOutputOf<N>>
    : (input: InputOf<N>, options?: ServerCallOptions) => Promise<RestOutputOf<N>>;

/**
 * A method for each operation that has a REST route: `client.leaderboard.submit(input)` calls
 * `leaderboard.submit`.
 */
export type ServerClient = {
  readonly [D in DomainOf<RestOperationName>]: {
    readonly [M in MethodOf<RestOperationName, D>]: Method<`${D}.${M}` & RestOperationName>;
  };
} & {
  /** Calls an operation by its name, such as `"leaderboard.submit"`. */
  call<N extends RestOperationName>(
    operation: N,
    input: InputOf<N>,
    options?: ServerCallOptions,
  ): Promise<RestOutputOf<N>>;
};

const TIMEOUT_MS = 10_000;

/**
 * Creates a client for servers and edge functions. Each call is an HTTP request; there is no permanent
 * connection.
 *
 * A call that fails because of an outage or a rate limit is retried until its `timeoutMs` is over. A write
 * carries an idempotency key, so a retry has no second effect. `session.create`, `key.create` and `webhook.test`
 * ignore the key, so they are retried only after a rate limit. A failure is a `GrandstandError`; `unavailable`
 * means an outage, or that no response came in time.
 * @throws {GrandstandError} `bad_request` naming the option that is missing, unknown or wrong
 */
export function createServerClient(options: ServerClientOptions): ServerClient {
  checkOptions(options, ["url", "apiKey", "timeoutMs", "fetch"]);
  const endpoint = endpointOf(options.url);
  const { apiKey, timeoutMs = TIMEOUT_MS, fetch: send = fetch } = options;
  if (typeof apiKey !== "string" || apiKey === "")
    throw wrongOption("apiKey", "must be a string that is not empty");

  const call = async (operation: RestOperationName, input: object = {}, own: ServerCallOptions = {}) => {
    const { url, init } = requestOf(operation, input);
    const headers = { ...init.headers, authorization: `Bearer ${apiKey}` };
    const deadline = performance.now() + (own.timeoutMs ?? timeoutMs);
    const nextDelayMs = growingDelays(500, 5_000);
    for (;;) {
      own.signal?.throwIfAborted();
      // An attempt may take half of the time that is left, so that a retry is possible if no response comes. Within the
      // last two seconds, an attempt may take all of the time that is left.
      const leftMs = deadline - performance.now();
      const attemptMs = leftMs > 2_000 ? leftMs / 2 : leftMs;
      try {
        return await attempt(send, endpoint + url, { ...init, headers }, attemptMs, own.signal, operation);
      } catch (error) {
        if (!(error instanceof GrandstandError) || !mayRetry(operation, error)) throw error;
        const delayMs = Math.max(error.retryAfterMs ?? 0, nextDelayMs());
        if (delayMs >= deadline - performance.now()) throw error;
        await pause(delayMs, own.signal);
      }
    }
  };

  const client: Record<string, unknown> = { call };
  for (const [domain, ofDomain] of Object.entries(routes)) {
    const methods = Object.keys(ofDomain).map((name) => {
      const operation = `${domain}.${name}` as RestOperationName;
      return [name, (input?: object, own?: ServerCallOptions) => call(operation, input, own)];
    });
    client[domain] = Object.fromEntries(methods);
  }
  return client as ServerClient;
}

interface RestRequest {
  url: string;
  init: { method: string; headers: Record<string, string>; body?: string };
}

/**
 * Builds the HTTP request of an operation. Input fields that the route's path names, such as `{board}`, go
 * into the path. The other fields go into the query of GET and DELETE, and into the JSON body of other
 * methods.
 */
function requestOf(operation: RestOperationName, input: object): RestRequest {
  const fields: Record<string, unknown> = { ...input };
  const take = (field: string): unknown => {
    const value = fields[field];
    delete fields[field];
    return value;
  };
  const [method, template] = routeOf(operation).split(" ") as [string, string];
  const path = template.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = take(field) ?? "";
    if (value === "") throw new GrandstandError("bad_request", `${field} is missing`);
    return encodeURIComponent(String(value));
  });
  const headers: Record<string, string> = { accept: "application/json" };
  // Some operations only read, but do not use GET. A node ignores the key of such an operation.
  if (method !== "GET") headers["idempotency-key"] = String(take("idempotencyKey") ?? newKey());
  if (method !== "GET" && method !== "DELETE") {
    headers["content-type"] = "application/json";
    return { url: path, init: { method, headers, body: JSON.stringify(fields) } };
  }
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const query = String(new URLSearchParams(given.map(([field, value]) => [field, queryText(value)])));
  return { url: path + (query && `?${query}`), init: { method, headers } };
}

function routeOf(operation: RestOperationName): string {
  const [domain, name] = operation.split(".") as [string, string];
  return (routes as Record<string, Record<string, string>>)[domain]![name]!;
}

async function attempt(
  send: typeof fetch,
  url: string,
  init: RequestInit,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  operation: RestOperationName,
): Promise<never> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  signal?.addEventListener("abort", abort);
  try {
    const response = await send(url, { ...init, signal: controller.signal });
    if (!response.ok) throw await errorOf(response);
    // The stream of an export is returned unread, so the timeout does not cover the reading, which may take longer.
    const output = operation === "leaderboard.export" ? response.body : await response.json();
    return output as never;
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof GrandstandError) throw cause;
    throw new GrandstandError("unavailable", `No response from ${url}`, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * These operations ignore idempotency keys, so a retry could create a second session or key, or send a second
 * test event.
 */
const unrepeatable: readonly RestOperationName[] = ["session.create", "key.create", "webhook.test"];

function mayRetry(operation: RestOperationName, { code }: GrandstandError): boolean {
  return errorTable[code].retry && (code === "rate_limited" || !unrepeatable.includes(operation));
}
