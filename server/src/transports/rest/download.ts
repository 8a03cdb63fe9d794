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

/** How often a page is asked for that can't be had at the moment. */
const MAX_ATTEMPTS = 5;

/**
 * The route of a download: it answers with the content of page after page, to the last. A page is read when the client
 * has taken the one before. What fails before the first one is a problem document; what fails later breaks the
 * connection off, so that the client does not take what it has for the whole.
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
    // It would read all pages to show none.
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

/** @throws {GrandstandError} when a page can't be had. */
async function* contentFrom(first: Page, call: Call, input: Fields): AsyncGenerator<string> {
  let { content, nextCursor: cursor } = first;
  yield content;
  while (cursor !== null) {
    ({ content, nextCursor: cursor } = await patiently(call, { ...input, cursor }));
    yield content;
  }
}

/** Asks again when an answer may come later, as when Redis is away for a moment. */
async function patiently(call: Call, input: Fields): Promise<Page> {
  for (let attempt = 1; ; attempt += 1) {
    const ack = await call(input);
    if (ack.ok) return ack.data as Page;
    const { code, retryAfterMs = 0 } = ack.error;
    if (!errorTable[code].retry || attempt === MAX_ATTEMPTS) throw GrandstandError.fromWire(ack.error);
    await pause(retryAfterMs);
  }
}

/** Of what was asked for: `arcade-weekly-2026-W48.csv`. Not every system takes a colon in it. */
function fileName({ board, window, season, user }: Fields, extension: string): string {
  // The id of a user may have any character, and is nothing for a file's name.
  if (user !== undefined) return `user.${extension}`;
  const name = [board, window, season].filter((part) => part !== undefined).join("-");
  return `${name.replaceAll(":", "-")}.${extension}`;
}
