import fastifyCookie from "@fastify/cookie";
import fastifySession, { type SessionStore } from "@fastify/session";
import { contract, type OutputOf } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import { RedisStore } from "connect-redis";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Redis } from "ioredis";
import { digestOf } from "../../auth/digest.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { Keys } from "../../redis/keys.js";
import { type Credentials, headerToken } from "../http/credentials.js";
import { sendProblem } from "../http/problem.js";
import type { SessionCookie } from "../http/session-cookie.js";
import { callsOf, dispatchOnce, type RestRoute } from "./call.js";
import { inputReader, type RestRequest } from "./input.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The session that is to go into a cookie. */
    begun: { token: string } | null;
  }
  interface Session {
    /** How long the cookie's own record lives without use. */
    ttlMs?: number;
  }
}

/** As long as browsers keep any; whether the session is still there is for the server to say. */
const COOKIE_MAX_AGE_MS = limits.sessionTtlMs.most;

/**
 * Sessions in cookies. The cookie is made here; it is read wherever a token is (`credentials.ts`), so that no other
 * request pays for the plugins. Its record in Redis lies under the digest of the token, and ends with the session.
 */
export async function restSessions(
  app: FastifyInstance,
  options: {
    dispatcher: Dispatcher;
    credentials: Credentials;
    cookie: SessionCookie;
    redis: Redis;
    keys: Keys;
    create: RestRoute;
    revoke: RestRoute;
  },
): Promise<void> {
  const { dispatcher, credentials, cookie, redis, keys, create, revoke } = options;
  const readCreate = inputReader(contract["session.create"]);
  const readRevoke = inputReader(contract["session.revoke"]);
  await app.register(async (scope) => {
    await scope.register(fastifyCookie);
    scope.route({
      ...revoke,
      handler: async (request: RestRequest, reply) => {
        const ack = await callsOf(request, dispatcher, "session.revoke", credentials)(readRevoke(request));
        if (!ack.ok) return sendProblem(reply, ack.error);
        const { session } = ack.data as OutputOf<"session.revoke">;
        const kept = cookie.tokenIn(request.headers.cookie ?? "");
        if (kept !== null && digestOf(kept) === session) forget(reply, cookie);
        return reply.send(ack.data);
      },
    });

    // The session plugin is for one route.
    await scope.register(async (inner) => {
      await keepsSessions(inner, cookie, redis, keys);
      inner.route({
        ...create,
        handler: async (request: RestRequest, reply) => {
          // A cookie begins no session: one that has ended must not keep its browser from having another.
          const { address, headers } = request;
          const from = { token: headerToken(headers), address, userAgent: userAgentOf(request) };
          const input = readCreate(request);
          const ack = await dispatchOnce(dispatcher, reply, { operation: "session.create", input, from });
          if (!ack.ok) return sendProblem(reply, ack.error);
          reply.code(201).header("cache-control", "no-store");
          const begun = ack.data as OutputOf<"session.create">;
          if (input.cookie !== true || begun.token === null) return reply.send(begun);
          request.begun = { token: begun.token };
          await request.session.regenerate();
          request.session.ttlMs = (input.ttlMs as number | undefined) ?? limits.sessionTtlMs.default;
          // Saved here, the cookie goes out also where https ends at a proxy that is not known to the node.
          await request.session.save();
          return reply.send({ ...begun, token: null });
        },
      });
    });
  });
}

/** What names a client to its user, in a list of devices. */
function userAgentOf({ headers }: RestRequest): string | undefined {
  return headers["user-agent"]?.slice(0, 256);
}

/** Gives requests a session of the plugin's, which goes into the cookie once it is saved. */
async function keepsSessions(
  scope: FastifyInstance,
  cookie: SessionCookie,
  redis: Redis,
  keys: Keys,
): Promise<void> {
  scope.decorateRequest("begun", null);
  await scope.register(fastifySession, {
    secret: cookie.signer,
    cookieName: cookie.name,
    cookie: {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure: cookie.isSecure || "auto",
      maxAge: COOKIE_MAX_AGE_MS,
    },
    rolling: false,
    saveUninitialized: false,
    // The plugin asks at the beginning of each request as well, for a session that it will not keep.
    idGenerator: (request) => request?.begun?.token ?? "none",
    store: storeUnderDigests(redis, keys),
  });
}

function forget(reply: FastifyReply, { name, isSecure }: SessionCookie): void {
  reply.clearCookie(name, { path: "/", httpOnly: true, sameSite: "lax", secure: isSecure });
}

/** The store of the plugin's sessions: what Redis holds must not be what a browser sends. */
function storeUnderDigests(redis: Redis, keys: Keys): SessionStore {
  const store = new RedisStore({
    client: redis,
    prefix: "",
    ttl: ({ ttlMs = 60_000 }: { ttlMs?: number }) => Math.ceil(ttlMs / 1_000),
  });
  const keyOf = (token: string) => keys.session(digestOf(token)).cookie;
  return {
    get: (token, done) => void store.get(keyOf(token), done),
    set: (token, session, done) => void store.set(keyOf(token), session, done),
    destroy: (token, done) => void store.destroy(keyOf(token), done),
  };
}
