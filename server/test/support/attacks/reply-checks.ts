import { contract, type OperationName } from "@grandstand/shared/contract";
import { errorTable } from "@grandstand/shared/error-table";
import type { ErrorCode } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import { wireError } from "@grandstand/shared/wire-error";
import { z } from "zod";

const ack = z.union([
  z.strictObject({ ok: z.literal(true), data: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: wireError.strict() }),
]);

const problem = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  code: z.string(),
  issues: wireError.shape.issues,
  retryAfterMs: wireError.shape.retryAfterMs,
});

/** Text of server internals that a reply must not contain: stacks, files, Redis errors. */
const internals =
  /\n {4}at |node_modules|\.(ts|js|lua):\d|\b(ERR|WRONGTYPE|NOSCRIPT|EVALSHA) |ioredis|user_script/;

/** @returns what is wrong with a reply on a socket; null when it is valid */
export function violationInAck(reply: unknown, operation: OperationName): string | null {
  const parsed = ack.safeParse(reply);
  if (!parsed.success) return `it does not have the form of an ack: ${parsed.error.message}`;
  return violationIn(parsed.data as Ack, operation);
}

/** @returns what is wrong with the HTTP response to a call; null when it is valid */
export function violationInResponse(
  status: number,
  type: string,
  body: string,
  operation: OperationName,
): string | null {
  if (status < 300) {
    if (!type.startsWith("application/json")) return null;
    return violationIn({ ok: true, data: JSON.parse(body) }, operation);
  }
  const error = violationInProblem(status, type, body);
  if (error !== null) return error;
  const { detail, code, issues } = JSON.parse(body);
  return violationIn(
    { ok: false, error: { code, message: detail, ...(issues && { issues }) } },
    operation,
    true,
  );
}

/** @returns what is wrong with the HTTP response that refuses a request; null when it is valid */
export function violationInProblem(status: number, type: string, body: string): string | null {
  if (!type.startsWith("application/problem+json")) return `its type is ${type}`;
  const parsed = problem.safeParse(JSON.parse(body));
  if (!parsed.success) return `it is not a problem document: ${parsed.error.message}`;
  if (parsed.data.status !== status) return `its body has status ${parsed.data.status}, its header ${status}`;
  if (errorTable[parsed.data.code as ErrorCode]?.status !== status) return `its code is ${parsed.data.code}`;
  return internals.test(body) ? "it shows server internals" : null;
}

/** @param isHttp whether the call came over HTTP, where a `bad_request` may be about the URL and name no field */
function violationIn(reply: Ack, operation: OperationName, isHttp = false): string | null {
  if (reply.ok) {
    const { error } = contract[operation].output.safeParse(reply.data);
    return error ? `its output breaks the contract: ${error.message}` : null;
  }
  const { code, issues = [] } = reply.error;
  if (!Object.hasOwn(errorTable, code) || code === "internal") return `its code is ${code}`;
  if (code === "bad_request" && issues.length === 0 && !isHttp) return "it names no field";
  if (internals.test(JSON.stringify(reply.error))) return "it shows server internals";
  return null;
}
