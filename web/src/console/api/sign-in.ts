import { GrandstandError, type Issue } from "@grandstand/sdk";

/** The API key with which the operator signed in. */
export interface Operator {
  key: string;
  scopes: readonly string[];
}

const PATH = "/v1/console";

/** @returns null when nobody is signed in */
export async function readOperator(): Promise<Operator | null> {
  return ((await answerOf(await request("GET", "/session"))) as { operator: Operator | null }).operator;
}

/** @throws {GrandstandError} when the key is refused */
export async function signIn(key: string): Promise<Operator> {
  return ((await answerOf(await request("POST", "/session", { key }))) as { operator: Operator }).operator;
}

export async function signOut(): Promise<void> {
  const response = await request("DELETE", "/session");
  if (!response.ok) await answerOf(response);
}

/** Exchanges the cookie of the sign-in for a token. @returns null when nobody is signed in */
export async function accessToken(): Promise<string | null> {
  const response = await request("POST", "/token");
  return response.status === 401 ? null : ((await answerOf(response)) as { token: string }).token;
}

async function request(method: string, path: string, body?: object): Promise<Response> {
  try {
    return await fetch(PATH + path, {
      method,
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new GrandstandError("unavailable", "The server can't be reached");
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const answer = (await response.json().catch(() => null)) as Problem | null;
  if (response.ok && answer !== null) return answer;
  const { code = "unavailable", detail = "The server can't answer right now", issues } = answer ?? {};
  throw new GrandstandError(code, detail, { ...(issues && { issues }) });
}

interface Problem {
  code?: GrandstandError["code"];
  detail?: string;
  issues?: Issue[];
}
