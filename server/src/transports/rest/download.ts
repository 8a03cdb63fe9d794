import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { contract, type OperationName, type OutputOf } from "@grandstand/shared/contract";
import { errorTable } from "@grandstand/shared/error-table";
import { GrandstandError } from "@grandstand/shared/errors";
import type { FastifyInstance } from "fastify";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { Credentials } from "../http/credentials.js";
import { mediaTypes } from "../http/media-types.js";
import { sendProblem } from "../http/problem.js";
import { type Call, callsOf, type RestRoute } from "./call.js";
import { inputReader, type RestRequest } from "./input.js";

type Fields = Record<string, unknown>;
type Page = OutputOf<"leaderboard.export">;

/** How many times a page is tried. */
const MAX_ATTEMPTS = 5;

/**
 * The route of a download, which streams all pages. Pages are read only as fast as the client reads them. After the
 * first page an error aborts the connection, so that the client does not mistake a part for the whole.
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
    // Fastify would also add a HEAD route, which would read all pages.
    exposeHeadRoute: false,
    handler: async (request: RestRequest, reply) => {
      const input = readInput(request);
      const call = callsOf(request, dispatcher, operation, credentials);
      const first = await call(input);
      if (!first.ok) return sendProblem(reply, first.error);
      const content = Readable.from(contentFrom(first.data as Page, call, input));
      content.on("error", (error) => request.log.warn({ err: error, operation }, "a download was aborted"));
      const { format = "ndjson" } = input as { format?: string };
      return reply
        .type(`${mediaTypes[format]}${format === "csv" ? "; charset=utf-8" : ""}`)
        .header("content-disposition", `attachment; filename="${fileName(input, format)}"`)
        .header("cache-control", "no-store")
        .send(content);
    },
  });
}

/** @throws {GrandstandError} when a page can't be read. */
async function* contentFrom(first: Page, call: Call, input: Fields): AsyncGenerator<string> {
  let { content, nextCursor: cursor } = first;
  yield content;
  while (cursor !== null) {
    ({ content, nextCursor: cursor } = await withRetries(call, { ...input, cursor }));
    yield content;
  }
}

/** Retries errors that may pass, such as a short outage of Redis. */
async function withRetries(call: Call, input: Fields): Promise<Page> {
  for (let attempt = 1; ; attempt += 1) {
    const ack = await call(input);
    if (ack.ok) return ack.data as Page;
    const { code, retryAfterMs = 0 } = ack.error;
    if (!errorTable[code].retry || attempt === MAX_ATTEMPTS) throw GrandstandError.fromWire(ack.error);
    await pause(retryAfterMs);
  }
}

/** For example `arcade-weekly-2026-W48.csv`, without colons, which some file systems refuse. */
function fileName({ board, window, season, user }: Fields, extension: string): string {
  // The id of a user may have any character, so it is not part of a file name.
  if (user !== undefined) return `user.${extension}`;
  const name = [board, window, season].filter((part) => part !== undefined).join("-");
  return `${name.replaceAll(":", "-")}.${extension}`;
}
