import fastifyCookie, { type CookieSerializeOptions } from "@fastify/cookie";
import { GrandstandError } from "@grandstand/shared/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Authenticator } from "../../auth/authenticator.js";
import { ConsoleSignIns } from "../../auth/console-sign-ins.js";
import type { Auditor } from "../../core/auditor.js";
import type { Caller } from "../../core/caller.js";
import { toIsoTime } from "../../core/iso-time.js";
import { validate } from "../../core/validation.js";
import type { CallLimits } from "../../limits/call-limits.js";
import type { Origins } from "../http/origins.js";

export interface ConsoleServices {
  signIns: ConsoleSignIns;
  authenticator: Authenticator;
  callLimits: CallLimits;
  origins: Origins;
  isSecure: boolean;
  auditor: Auditor;
}

const PATH = "/v1/console";
const signInBody = z.strictObject({ key: z.string().trim().min(1).max(1_000) });

/**
 * Signs operators in to the console. The browser keeps the sign-in in a cookie that scripts can't read and
 * that is sent to these routes only. The routes refuse pages of any other origin, even if CORS allows that
 * origin. The page exchanges the cookie for access tokens. Like any client, the page makes all other calls
 * with these tokens.
 */
export async function consoleSessions(app: FastifyInstance, services: ConsoleServices): Promise<void> {
  const { signIns, authenticator, callLimits, origins, auditor } = services;
  const note = (operation: string, key: string, address: string, outcome: string) =>
    auditor.record({ key, address, operation, input: {}, outcome });
  const name = services.isSecure ? "__Secure-grandstand-console" : "grandstand-console";
  const attributes: CookieSerializeOptions = {
    path: PATH,
    httpOnly: true,
    sameSite: "strict",
    secure: services.isSecure || "auto",
  };

  await app.register(async (scope) => {
    await scope.register(fastifyCookie);
    scope.addHook("onRequest", async ({ headers }) => {
      if (!(await signIns.isEnabled())) throw new GrandstandError("not_found", CONSOLE_IS_OFF);
      if (!origins.isSameOrigin(headers)) {
        throw new GrandstandError("forbidden", "Only the console's own page may call this");
      }
    });

    const signedIn = ({ cookies }: FastifyRequest): Promise<SignedIn | null> => {
      const token = cookies[name];
      return token === undefined ? Promise.resolve(null) : signIns.callerOf(token);
    };

    scope.get(`${PATH}/session`, async (request) => {
      const caller = await signedIn(request);
      return { operator: caller === null ? null : shown(caller) };
    });

    scope.post(`${PATH}/session`, async (request, reply) => {
      const { key } = validate(signInBody, request.body, "The body");
      const { address } = request;
      callLimits.checkCredentialsOf(address);
      const caller = await identified(authenticator, callLimits, key, address);
      // The authenticator also accepts access tokens of the console. They can't begin a sign-in, because that sign-in would
      // continue after the operator signs out.
      if (caller.kind !== "server" || caller.isOperator) throw mayNotSignIn();
      if (!ConsoleSignIns.maySignIn(caller)) {
        await note("console.signIn", caller.keyName, address, "forbidden");
        throw mayNotSignIn();
      }
      const { token, endsAtMs } = await signIns.begin(caller);
      await note("console.signIn", caller.keyName, address, "ok");
      reply.setCookie(name, token, { ...attributes, expires: new Date(endsAtMs) });
      return { operator: shown(caller) };
    });

    scope.delete(`${PATH}/session`, async (request, reply): Promise<FastifyReply> => {
      const token = request.cookies[name];
      const caller = await signedIn(request);
      if (token !== undefined) await signIns.end(token);
      if (caller !== null) {
        await note("console.signOut", caller.keyName, request.address, "ok");
      }
      return reply.clearCookie(name, attributes).code(204).send();
    });

    scope.post(`${PATH}/token`, async (request) => {
      const token = request.cookies[name];
      const access = token === undefined ? null : await signIns.access(token);
      if (access === null) throw new GrandstandError("unauthenticated", "Nobody is signed in");
      return { token: access.token, expiresAt: toIsoTime(access.endsAtMs) };
    });
  });
}

/** The error of every route of the console while the console is off. */
export const CONSOLE_IS_OFF =
  "The console is off: it needs an API key with the scope admin:read, or a key in GRANDSTAND_API_KEYS";

type SignedIn = Caller & { kind: "server" };

function shown({ keyName, scopes }: SignedIn): { key: string; scopes: readonly string[] } {
  return { key: keyName, scopes: scopes ?? ["*"] };
}

async function identified(
  authenticator: Authenticator,
  callLimits: CallLimits,
  key: string,
  address: string,
): Promise<Caller> {
  try {
    return await authenticator.identify(key);
  } catch (error) {
    if (!(error instanceof GrandstandError) || error.code !== "unauthenticated") throw error;
    callLimits.noteFailure(address);
    throw new GrandstandError("unauthenticated", "This is no API key, or it expired or was revoked", {
      issues: [{ path: "key", rule: "key", message: "is no API key, or it expired or was revoked" }],
    });
  }
}

function mayNotSignIn(): GrandstandError {
  const message = "must be an API key with the scope admin:read";
  return new GrandstandError("forbidden", `key ${message}`, {
    issues: [{ path: "key", rule: "scope", message }],
  });
}
