import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { contract, type OperationName } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { Credentials } from "../http/credentials.js";
import { mediaTypes, uploadTypes } from "../http/media-types.js";
import { sendProblem } from "../http/problem.js";
import { takesItsTime } from "../http/slow-requests.js";
import { type Call, callsOf, type RestRoute, restCall } from "./call.js";
import { type RestRequest, uploadInputReader } from "./input.js";
import { LineParts } from "./line-parts.js";
import { type Fields, Upload } from "./upload-body.js";

/** How long the rest of a refused body is read: a client may read the response only after it has sent everything. */
const LINGER_MS = 10_000;

/**
 * The route of an upload. A body of any length is split into parts, one call each, and is read as fast as these are carried
 * out. A JSON body is one call, as on sockets.
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
  // An encapsulated context, so that no other route accepts these bodies.
  void app.register(async (scope) => {
    scope.addContentTypeParser(["*", "text/plain"], (_request, body, done) => done(null, body));
    scope.route({
      ...route,
      handler: (request: RestRequest, reply) => {
        if (!(request.body instanceof Readable)) return callOnce(request, reply);
        return takeBody(
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
 * The format of an upload. The query takes precedence, because many clients set a Content-Type by themselves.
 * @throws {GrandstandError} `bad_request` for an unknown Content-Type
 */
function withFormat(input: Fields, { headers, mediaType = "" }: RestRequest): Fields {
  if (headers["content-type"] !== undefined && !uploadTypes.includes(mediaType)) throw unknownType();
  const [format] = Object.entries(mediaTypes).find(([, type]) => type === mediaType) ?? [];
  return format === undefined ? input : { format, ...input };
}

function unknownType(): GrandstandError {
  const types = [...uploadTypes, "application/json"].join(", ");
  const message = `must be sent under a Content-Type of ${types}`;
  return new GrandstandError("bad_request", `The body ${message}`, {
    issues: [{ path: "", rule: "type", message }],
  });
}

async function takeBody(request: RestRequest, reply: FastifyReply, call: Call, input: Fields) {
  const { raw } = request;
  const upload = new Upload(call);
  takesItsTime(raw);
  try {
    const fields = withFormat(input, request);
    await upload.open(fields);
    const parts = new LineParts(fields.format === "csv");
    // Keeps the connection open after a body that is not read to its end, for the response.
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      for (const part of parts.take(chunk)) await upload.take(fields, part);
    }
    for (const part of parts.end()) await upload.take(fields, part);
    return reply.send(upload.report);
  } catch (error) {
    const hasLeft = raw.destroyed && !raw.complete;
    if (hasLeft) return reply.hijack();
    swallowRest(raw);
    if (!(error instanceof GrandstandError)) throw error;
    return sendProblem(reply, upload.failureOf(error));
  }
}

/** Reads and discards the rest of a body for a while: a client that is cut off at once might not read the error. */
function swallowRest(raw: IncomingMessage): void {
  raw.resume();
  setTimeout(() => {
    if (!raw.complete) raw.socket.destroy();
  }, LINGER_MS).unref();
}
