import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { contract, type OperationName, type OutputOf } from "@grandstand/shared/contract";
import { errorTable, GrandstandError } from "@grandstand/shared/errors";
import type { FastifyInstance } from "fastify";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { Credentials } from "../http/credentials.js";
import { mediaTypes } from "../http/media-types.js";
import { sendProblem } from "../http/problem.js";
import { type Call, callsOf, type RestRoute } from "./call.js";
import { inputReader, type RestRequest } from "./input.js";

type Fields = Record<string, unknown>;
type Page = OutputOf<"leaderboard.export">;

/** How often a page is requested when it is unavailable. */
const MAX_ATTEMPTS = 5;

/**
 * The route of a download. It streams all pages, and reads a page when the client has received the one before. An error before
 * the first page is a problem document. A later one breaks the connection, so that the client notices the missing rest.
 */
export function restDownload(
  app: FastifyInstance,
  dispatcher: Dispatcher,
  operation: OperationName,
  credentials: Credentials,
  route: RestRoute,
): void {
  const readInput = inputReader(contract[operation]);
  app.route({
    ...route,
    // A HEAD request would read all pages and send none.
    exposeHeadRoute: false,
    handler: async (request: RestRequest, reply) => {
      const input = readInput(request);
      const call = callsOf(request, dispatcher, operation, credentials);
      const first = await call(input);
      if (!first.ok) return sendProblem(reply, first.error);
      const content = Readable.from(contentFrom(first.data as Page, call, input));
      content.on("error", (error) => request.log.warn({ err: error, operation }, "a download broke off"));
      const { format = "ndjson" } = input as { format?: string };
      return reply
        .type(`${mediaTypes[format]}${format === "csv" ? "; charset=utf-8" : ""}`)
        .header("content-disposition", `attachment; filename="${fileName(input, format)}"`)
        .header("cache-control", "no-store")
        .send(content);
    },
  });
}

/** @throws {GrandstandError} the error of a page */
async function* contentFrom(first: Page, call: Call, input: Fields): AsyncGenerator<string> {
  let { content, nextCursor: cursor } = first;
  yield content;
  while (cursor !== null) {
    ({ content, nextCursor: cursor } = await patiently(call, { ...input, cursor }));
    yield content;
  }
}

/** Repeats a call that is `unavailable`, for example during a short outage. */
async function patiently(call: Call, input: Fields): Promise<Page> {
  for (let attempt = 1; ; attempt += 1) {
    const ack = await call(input);
    if (ack.ok) return ack.data as Page;
    const { code, retryAfterMs = 0 } = ack.error;
    if (!errorTable[code].retry || attempt === MAX_ATTEMPTS) throw GrandstandError.fromWire(ack.error);
    await pause(retryAfterMs);
  }
}

/** A file name such as `arcade-weekly-2026-W48.csv`. Not every system accepts a colon. */
function fileName({ board, window, season }: Fields, extension: string): string {
  const name = [board, window, season].filter((part) => part !== undefined).join("-");
  return `${name.replaceAll(":", "-")}.${extension}`;
}
