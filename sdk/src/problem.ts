import { errorTable } from "@grandstand/shared/error-table";
import { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";

/** The fields of an RFC 9457 problem document that a client reads. */
interface Problem {
  code?: unknown;
  title?: string;
  detail?: string;
  issues?: Issue[];
  retryAfterMs?: number;
}

/**
 * Makes the error for a failed REST response. Also accepts a proxy's response that is no problem document.
 */
export async function errorOf(response: Response): Promise<GrandstandError> {
  const problem = await readProblem(response);
  const code = isErrorCode(problem.code) ? problem.code : codeOf(response.status);
  const retryAfterMs = problem.retryAfterMs ?? retryAfterOf(response);
  return new GrandstandError(code, problem.detail ?? problem.title ?? `HTTP status ${response.status}`, {
    ...(problem.issues && { issues: problem.issues }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(errorTable, code);
}

function codeOf(status: number): ErrorCode {
  const codes = Object.keys(errorTable) as ErrorCode[];
  const known = codes.find((code) => errorTable[code].status === status);
  return known ?? (status >= 500 ? "unavailable" : "bad_request");
}

function retryAfterOf(response: Response): number | undefined {
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return Number.isNaN(seconds) ? undefined : seconds * 1000;
}
