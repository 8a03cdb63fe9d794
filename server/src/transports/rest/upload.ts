import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { contract, type OperationName } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { Credentials } from "../http/credentials.js";
import { uploadFormats, uploadTypes } from "../http/media-types.js";
import { sendProblem } from "../http/problem.js";
import { allowLongUpload } from "../http/request-timeouts.js";
import { BodyEncoding } from "./body-encoding.js";
import { type Call, callsOf, type RestRoute, restCall } from "./call.js";
import { type RestRequest, uploadInputReader } from "./input.js";
import { LineParts } from "./line-parts.js";
import { type Fields, Upload } from "./upload-body.js";

/** How long the rest of a refused body is read: many clients read the response only after they sent everything. */
const LINGER_MS = 10_000;

/**
 * The route of an upload. A body of lines (NDJSON or CSV) may have any length: it is cut into parts, and each part is a
 * call. The body is read as fast as the calls are carried out. A JSON body is one call.
 */
export function restUpload(
  app: FastifyInstance,
  dispatcher: Dispatcher,
  operation: OperationName,
  credentials: Credentials,
  route: RestRoute,
): void {
  const readInput = uploadInputReader(contract[operation]);
  const callOnce = restCall(dispatcher, operation, credentials, readInput, 200);
  // The route has its own Fastify scope, so that no other route accepts these media types.
  void app.register(async (scope) => {
    scope.addContentTypeParser(["*", "text/plain"], (_request, body, done) => done(null, body));
    scope.route({
      ...route,
      handler: (request: RestRequest, reply) => {
        if (!(request.body instanceof Readable)) return callOnce(request, reply);
        return receiveBody(
          request,
          reply,
          callsOf(request, dispatcher, operation, credentials),
          readInput(request),
        );
      },
    });
  });
}

/**
 * Adds the format that the media type names. A format in the query has precedence, because many clients set some
 * Content-Type by default.
 * @throws {GrandstandError} `bad_request` for a media type that is not supported.
 */
function withFormat(input: Fields, { headers, mediaType = "" }: RestRequest): Fields {
  if (headers["content-type"] !== undefined && !uploadTypes.includes(mediaType)) throw unknownType();
  const format = uploadFormats[mediaType];
  return format === undefined ? input : { format, ...input };
}

function unknownType(): GrandstandError {
  const types = [...uploadTypes, "application/json"].join(", ");
  const message = `must be sent with one of these Content-Types: ${types}`;
  return new GrandstandError("bad_request", `The body ${message}`, {
    issues: [{ path: "", rule: "type", message }],
  });
}

async function receiveBody(request: RestRequest, reply: FastifyReply, call: Call, input: Fields) {
  const { raw } = request;
  const upload = new Upload(call);
  allowLongUpload(raw);
  try {
    const fields = withFormat(input, request);
    await upload.open(fields);
    const parts = new LineParts(fields.format === "csv");
    const encoding = new BodyEncoding();
    // When reading stops early, the connection has to stay open for the response.
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      for (const part of parts.take(encoding.toUtf8(chunk))) await upload.take(fields, part);
    }
    for (const part of parts.take(encoding.end())) await upload.take(fields, part);
    for (const part of parts.end()) await upload.take(fields, part);
    return reply.send(upload.report);
  } catch (error) {
    const hasLeft = raw.destroyed && !raw.complete;
    if (hasLeft) return reply.hijack();
    drainBody(raw);
    if (!(error instanceof GrandstandError)) throw error;
    return sendProblem(reply, upload.failureOf(error));
  }
}

/** Reads and drops the rest of a refused body for a while, so that the client gets to read the error. */
function drainBody(raw: IncomingMessage): void {
  raw.resume();
  setTimeout(() => {
    if (!raw.complete) raw.socket.destroy();
  }, LINGER_MS).unref();
}
