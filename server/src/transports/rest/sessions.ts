import fastifyCookie, { type CookieSerializeOptions } from "@fastify/cookie";
import { contract, type OutputOf } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import type { FastifyInstance } from "fastify";
import { digestOf } from "../../auth/digest.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import { type Credentials, tokenInHeaders } from "../http/credentials.js";
import { sendProblem } from "../http/problem.js";
import type { SessionCookie } from "../http/session-cookie.js";
import { traceparentOf } from "../http/traceparent.js";
import { callsOf, dispatchOnce, type RestRoute } from "./call.js";
import { inputReader, type RestRequest } from "./input.js";

/** The cookie may outlive its session: the server checks on each request whether the session still exists. */
const COOKIE_MAX_AGE_SECONDS = limits.sessionTtlMs.most / 1_000;

/**
 * The routes that set and clear the session cookie. The cookie plugin costs time on each request, so it is registered
 * for these routes only. On all other routes `http/credentials.ts` reads the cookie.
 */
export async function restSessions(
  app: FastifyInstance,
  options: {
    dispatcher: Dispatcher;
    credentials: Credentials;
    cookie: SessionCookie;
    create: RestRoute;
    revoke: RestRoute;
  },
): Promise<void> {
  const { dispatcher, credentials, cookie, create, revoke } = options;
  const readCreate = inputReader(contract["session.create"]);
  const readRevoke = inputReader(contract["session.revoke"]);
  const attributes: CookieSerializeOptions = { path: "/", httpOnly: true, sameSite: "lax" };
  await app.register(async (scope) => {
    await scope.register(fastifyCookie, { secret: cookie.signer });

    scope.route({
      ...create,
      handler: async (request: RestRequest, reply) => {
        // The cookie is not read as a credential here: a browser with an expired cookie may create a new session.
        const { address, headers } = request;
        const userAgent = headers["user-agent"]?.slice(0, 256);
        const from = { token: tokenInHeaders(headers), address, userAgent };
        const input = readCreate(request);
        const traceparent = traceparentOf(request.headers);
        const ack = await dispatchOnce(dispatcher, reply, {
          operation: "session.create",
          input,
          from,
          traceparent,
        });
        if (!ack.ok) return sendProblem(reply, ack.error);
        reply.code(201).header("cache-control", "no-store");
        const session = ack.data as OutputOf<"session.create">;
        if (input.cookie !== true || session.token === null) return reply.send(session);
        reply.setCookie(cookie.name, session.token, {
          ...attributes,
          signed: true,
          secure: cookie.isSecure || "auto",
          maxAge: COOKIE_MAX_AGE_SECONDS,
        });
        return reply.send({ ...session, token: null });
      },
    });

    scope.route({
      ...revoke,
      handler: async (request: RestRequest, reply) => {
        const ack = await callsOf(request, dispatcher, "session.revoke", credentials)(readRevoke(request));
        if (!ack.ok) return sendProblem(reply, ack.error);
        const { session } = ack.data as OutputOf<"session.revoke">;
        const token = cookie.tokenIn(request.headers.cookie ?? "");
        if (token !== null && digestOf(token) === session) {
          reply.clearCookie(cookie.name, { ...attributes, secure: cookie.isSecure });
        }
        return reply.send(ack.data);
      },
    });
  });
}
