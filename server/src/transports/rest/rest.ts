import { isUtf8 } from "node:buffer";
import { contract, type OperationName, operationNames } from "@grandstand/shared/contract";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import type { FastifyInstance } from "fastify";
import type { Redis } from "ioredis";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import { payloadTooLarge } from "../../dispatch/input.js";
import { LimitReached } from "../../limits/limit-reached.js";
import type { Keys } from "../../redis/keys.js";
import type { Credentials } from "../http/credentials.js";
import { sendProblem, unreadable } from "../http/problem.js";
import { showQuotaState } from "../http/rate-limit-headers.js";
import type { SessionCookie } from "../http/session-cookie.js";
import { type RestRoute, restCall } from "./call.js";
import { restDownload } from "./download.js";
import { inputReader, unreadableBody } from "./input.js";
import { restSessions } from "./sessions.js";
import { restUpload } from "./upload.js";

/** REST: a route under `/v1` for each operation of the contract with a REST form. */
export async function rest(
  app: FastifyInstance,
  options: {
    dispatcher: Dispatcher;
    credentials: Credentials;
    cookie: SessionCookie;
    /** Where the records of cookies are stored. */
    redis: Redis;
    keys: Keys;
  },
): Promise<void> {
  const { dispatcher, credentials } = options;
  // Fastify's parser would refuse an empty body and one with a `__proto__`, which sockets accept.
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      // Decoding invalid UTF-8 would insert replacement characters, and different ids would become the same.
      if (!isUtf8(body)) throw unreadableBody("encoding", "must be UTF-8");
      done(null, body.length === 0 ? undefined : JSON.parse(body.toString()));
    } catch (error) {
      done(error instanceof GrandstandError ? error : unreadableBody("json", "must be JSON", error));
    }
  });

  for (const name of operationNames) {
    const route = routeOf(name);
    if (route === null || name === "session.create" || name === "session.revoke") continue;
    const operation: Operation = contract[name];
    const { status = 200, stream } = operation.rest!;
    if (stream === "download") restDownload(app, dispatcher, name, credentials, route);
    else if (stream === "upload") restUpload(app, dispatcher, name, credentials, route);
    else {
      app.route({
        ...route,
        handler: restCall(dispatcher, name, credentials, inputReader(operation), status),
      });
    }
  }
  await restSessions(app, {
    ...options,
    create: routeOf("session.create")!,
    revoke: routeOf("session.revoke")!,
  });
}

/** The route of an operation; null when it needs a live connection. */
function routeOf(name: OperationName): RestRoute | null {
  const operation: Operation = contract[name];
  if (operation.rest === null) return null;
  const { method, path } = operation.rest;
  return {
    method,
    url: `/v1${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    bodyLimit: operation.bodyLimitBytes ?? limits.bodyBytes,
  };
}

const nothingHere: WireError = { code: "not_found", message: "There is nothing at this address" };

/** Answers errors outside of dispatch (routes, bodies, credentials) with problem documents. */
export function restFailures(app: FastifyInstance, dispatcher: Dispatcher): void {
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, nothingHere));
  app.setErrorHandler((error, request, reply) => {
    const operation = request.routeOptions.url ?? request.url;
    // A client that closed its connection reads no response, and is not an error for the log.
    const hasLeft = request.raw.destroyed && !request.raw.complete;
    const shown = hasLeft
      ? GrandstandError.fromWire(unreadable)
      : (ofFastify(error, request.routeOptions.bodyLimit) ?? error);
    if (shown instanceof LimitReached && shown.quotaState !== null) showQuotaState(reply, shown.quotaState);
    return sendProblem(reply, dispatcher.wireError(shown, operation));
  });
}

/** Maps the errors of Fastify; null for any other error. */
function ofFastify(error: unknown, bodyLimit: number): GrandstandError | null {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return payloadTooLarge(bodyLimit);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new GrandstandError(
      "bad_request",
      "The body must be JSON, sent as Content-Type: application/json",
    );
  }
  if (typeof statusCode !== "number" || statusCode >= 500) return null;
  if (typeof code === "string" && code.startsWith("FST_")) return GrandstandError.fromWire(unreadable);
  // @fastify/send has no error codes: the path is not a page, or leads out of the folder.
  return GrandstandError.fromWire(nothingHere);
}
