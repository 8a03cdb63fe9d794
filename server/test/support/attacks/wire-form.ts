import { contract, type OperationName } from "@grandstand/shared/contract";
import { type ErrorCode, errorTable } from "@grandstand/shared/errors";
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

/** What only the inside of the server knows: stacks, files, Redis and its keys. */
const inner =
  /\n {4}at |node_modules|\.(ts|js|lua):\d|\b(ERR|WRONGTYPE|NOSCRIPT|EVALSHA) |ioredis|user_script/;

/** @returns what is wrong with an answer of a socket; null for one as it should be. */
export function faultOfAck(answer: unknown, operation: OperationName): string | null {
  const parsed = ack.safeParse(answer);
  if (!parsed.success) return `it has not the form of an ack: ${parsed.error.message}`;
  return faultOf(parsed.data as Ack, operation);
}

/** @returns what is wrong with the answer of a request of an operation. */
export function faultOfResponse(
  status: number,
  type: string,
  body: string,
  operation: OperationName,
): string | null {
  if (status < 300) {
    if (!type.startsWith("application/json")) return null;
    return faultOf({ ok: true, data: JSON.parse(body) }, operation);
  }
  const error = faultOfProblem(status, type, body);
  if (error !== null) return error;
  const { detail, code, issues } = JSON.parse(body);
  return faultOf({ ok: false, error: { code, message: detail, ...(issues && { issues }) } }, operation, true);
}

/** @returns what is wrong with an answer that refuses a request. */
export function faultOfProblem(status: number, type: string, body: string): string | null {
  if (!type.startsWith("application/problem+json")) return `it is of type ${type}`;
  const parsed = problem.safeParse(JSON.parse(body));
  if (!parsed.success) return `it is no problem document: ${parsed.error.message}`;
  if (parsed.data.status !== status) return `it says ${parsed.data.status} under ${status}`;
  if (errorTable[parsed.data.code as ErrorCode]?.status !== status) return `its code is ${parsed.data.code}`;
  return inner.test(body) ? "it shows what is inside" : null;
}

/**
 * @param isRouted whether it came by an address, which may be none: then there is no field to name.
 */
function faultOf(answer: Ack, operation: OperationName, isRouted = false): string | null {
  if (answer.ok) {
    const { error } = contract[operation].output.safeParse(answer.data);
    return error ? `its output breaks the contract: ${error.message}` : null;
  }
  const { code, issues = [] } = answer.error;
  if (!Object.hasOwn(errorTable, code) || code === "internal") return `its code is ${code}`;
  if (code === "bad_request" && issues.length === 0 && !isRouted) return "it names no field";
  if (inner.test(JSON.stringify(answer.error))) return "it shows what is inside";
  return null;
}
