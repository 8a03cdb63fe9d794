import {
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as sendHttp,
} from "node:http";
import { Agent as HttpsAgent, request as sendHttps } from "node:https";
import type { AddressGuard } from "./address-guard.js";
import { OutboundError } from "./outbound-error.js";

/** Keeps connections to receivers open between requests. */
const agentOptions = { keepAlive: true, timeout: 30_000, maxFreeSockets: 16 };

export interface OutboundAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  /** At most `limitBytes` of the body. */
  body: string;
  /** Whether the body was longer than `limitBytes`. */
  isCut: boolean;
}

export interface OutboundRequest {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** The time for the whole request, from the lookup of the host to the end of the response. */
  timeoutMs: number;
  /** How much of the response is read. */
  limitBytes: number;
  /** Ends the request early. */
  signal?: AbortSignal;
}

/**
 * Sends HTTP requests to the app's own services. It follows no redirect, and bounds each request in time and size.
 * With a guard, it connects to no private address.
 */
export class Outbound {
  readonly #guard: AddressGuard | null;
  // Each instance has its own agents, so that requests with and without a guard never share a connection.
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  /**
   * @param maxSockets the most connections to one host. Further requests wait, and the wait counts against their timeout
   */
  constructor(guard: AddressGuard | null, maxSockets = Number.POSITIVE_INFINITY) {
    this.#guard = guard;
    this.#http = new HttpAgent({ ...agentOptions, maxSockets });
    this.#https = new HttpsAgent({ ...agentOptions, maxSockets });
  }

  /**
   * @throws {OutboundError} when there is no complete response, because the lookup or the connection failed, the time is over,
   * or `signal` ended the request. Its message is for the operator.
   * @throws {RefusedAddress} for a URL whose host is an address that the guard refuses. If a name resolves to such an
   * address, the error is an `OutboundError`.
   */
  async send({
    method,
    url,
    headers,
    body,
    timeoutMs,
    limitBytes,
    signal,
  }: OutboundRequest): Promise<OutboundAnswer> {
    this.#guard?.checkLiteral(url);
    const isSecure = url.protocol === "https:";
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options: RequestOptions = {
      method,
      agent: isSecure ? this.#https : this.#http,
      headers: { "user-agent": "grandstand", ...headers, ...length },
      ...(this.#guard !== null && { lookup: this.#guard.lookup }),
    };
    return new Promise((resolve, reject) => {
      const request = (isSecure ? sendHttps : sendHttp)(url, options);
      const end = (reason: Error) => request.destroy(reason);
      const onAbort = () => end(new Error("the node stops"));
      const timer = setTimeout(() => end(new Error(`no response within ${timeoutMs} ms`)), timeoutMs);
      const settle =
        <T>(action: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
          action(value);
        };
      const fail = settle((error: Error) => reject(new OutboundError(error)));
      signal?.addEventListener("abort", onAbort);
      if (signal?.aborted) onAbort();
      request.on("error", fail);
      request.on("response", (response) => {
        readBody(response, limitBytes).then(({ body: text, isCut }) => {
          settle(resolve)({ status: response.statusCode!, headers: response.headers, body: text, isCut });
          // Closes the connection of a response that is too long, so that its rest is not received.
          if (isCut) request.destroy();
        }, fail);
      });
      request.end(body);
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

async function readBody(
  response: IncomingMessage,
  limitBytes: number,
): Promise<{ body: string; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limitBytes) break;
  }
  const whole = Buffer.concat(chunks);
  return { body: whole.subarray(0, limitBytes).toString(), isCut: size > limitBytes };
}
