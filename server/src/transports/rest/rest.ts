import { isUtf8 } from "node:buffer";
import { contract, type OperationName, operationNames } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import { payloadTooLarge } from "../../dispatch/input.js";
import { LimitReached } from "../../limits/limit-reached.js";
import type { Credentials } from "../http/credentials.js";
import { addRateLimitHeaders } from "../http/headers.js";
import { type ProblemStatus, sendProblem, unreadable } from "../http/problem.js";
import type { SessionCookie } from "../http/session-cookie.js";
import { type RestRoute, restCall } from "./call.js";
import { restDownload } from "./download.js";
import { inputReader, unreadableBody } from "./input.js";
import { restSessions } from "./sessions.js";
import { restUpload } from "./upload.js";

/** REST: one route under `/v1` for each operation of the contract that has a REST path. */
export async function rest(
  app: FastifyInstance,
  options: {
    dispatcher: Dispatcher;
    credentials: Credentials;
    cookie: SessionCookie;
  },
): Promise<void> {
  const { dispatcher, credentials } = options;
  // `fetch` sends a string body as text/plain by default. Without a parser for it, the request is refused with
  // an error that names the media type.
  app.removeContentTypeParser("text/plain");
  // Fastify's own parser refuses an empty body and `__proto__`. The other transports accept them, so this parser does too.
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      // Decoding of invalid UTF-8 inserts replacement characters, so that different ids could become equal.
      if (!isUtf8(body)) throw unreadableBody("encoding", "must be UTF-8");
      done(null, body.length === 0 ? undefined : JSON.parse(withoutBom(body.toString())));
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

/** Some clients begin JSON with a byte order mark, which RFC 8259 lets a parser ignore. */
function withoutBom(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
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

function wrongMediaType(contentType: string | undefined): GrandstandError {
  const sent = contentType === undefined ? "without a Content-Type" : `as ${contentType.slice(0, 100)}`;
  const message = `must be sent as Content-Type: application/json, and was sent ${sent}`;
  return new GrandstandError("bad_request", `The body ${message}`, {
    issues: [{ path: "", rule: "contentType", message }],
  });
}

const nothingHere = new GrandstandError("not_found", "There is nothing at this address");

/** Answers failures outside of dispatch (routes, bodies, credentials) with problem documents. */
export function restFailures(app: FastifyInstance, dispatcher: Dispatcher): void {
  const refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown, status?: ProblemStatus) => {
    const { url = request.url, config } = request.routeOptions;
    const wireError = dispatcher.refusal(error, config.transport ?? "rest", url);
    return sendProblem(reply, wireError, status);
  };
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(app, request.url);
    if (allowed.length === 0 || allowed.includes(request.method)) return refuse(request, reply, nothingHere);
    const message = `${request.method} is not supported here; use ${allowed.join(", ")}`;
    const wrongMethod = new GrandstandError("not_found", message);
    return refuse(request, reply.header("allow", allowed.join(", ")), wrongMethod, METHOD_NOT_ALLOWED);
  });
  // This hook runs for every request, so it uses a callback, which is faster than a promise.
  app.addHook("onRequest", (request, reply, done) => {
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding.toLowerCase() !== "identity") {
      reply.header("accept-encoding", "identity");
      refuse(request, reply, unsupportedEncoding(encoding), UNSUPPORTED_MEDIA_TYPE);
      return;
    }
    // @fastify/cors answers preflights. It would refuse any other OPTIONS request, so this hook answers those.
    const isPreflight = request.headers["access-control-request-method"] !== undefined;
    if (request.method !== "OPTIONS" || isPreflight) {
      done();
      return;
    }
    const allowed = allowedMethods(app, request.url);
    if (allowed.length === 0) refuse(request, reply, nothingHere);
    else reply.code(204).header("allow", allowed.join(", ")).send();
  });
  app.setErrorHandler((error, request, reply) => {
    // A client that disconnects in the middle of a body reads no response, and its error does not belong in the
    // log.
    const hasLeft = request.raw.destroyed && !request.raw.complete;
    const shown = hasLeft
      ? GrandstandError.fromWire(unreadable)
      : (fromFastify(error, request.routeOptions.bodyLimit, request.headers["content-type"]) ?? error);
    if (shown instanceof LimitReached && shown.quotaState !== null)
      addRateLimitHeaders(reply, shown.quotaState);
    return refuse(request, reply, shown);
  });
}

const METHOD_NOT_ALLOWED = { status: 405, title: "The address does not support this method" };
const UNSUPPORTED_MEDIA_TYPE = { status: 415, title: "The body has an encoding that is not supported" };

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** The methods of the routes at a URL, without wildcard routes, such as those of static files. */
function allowedMethods(app: FastifyInstance, url: string): string[] {
  const [path = ""] = url.split("?", 1);
  return methods.filter((method) => {
    const route = app.findRoute({ method, url: path });
    return route !== null && !Object.hasOwn(route.params, "*");
  });
}

function unsupportedEncoding(encoding: string): GrandstandError {
  const message = `The body must be sent without Content-Encoding, and was sent as ${encoding.slice(0, 100)}`;
  return new GrandstandError("bad_request", message);
}

/** Translates an error of Fastify or its plugins with a status below 500; null for any other error. */
function fromFastify(
  error: unknown,
  bodyLimit: number,
  contentType: string | undefined,
): GrandstandError | null {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return payloadTooLarge(bodyLimit);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return wrongMediaType(contentType);
  if (typeof statusCode !== "number" || statusCode >= 500) return null;
  if (typeof code === "string" && code.startsWith("FST_")) return GrandstandError.fromWire(unreadable);
  // Errors of @fastify/send have no codes. They mean that there is no such file, or that the path leaves the
  // folder.
  return nothingHere;
}
