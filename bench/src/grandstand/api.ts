import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import { API_KEY } from "./node.js";

async function call<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${API_KEY}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export function scoresUrl(url: string, board: string): string {
  return `${url}/v1/leaderboards/${board}/scores`;
}

export function batchUrl(url: string, board: string): string {
  return `${scoresUrl(url, board)}/batch`;
}

/**
 * Creates a board on which the last score counts. Each submit moves its entry, so the last round has as much
 * work as the first. With best scores, fewer and fewer submits would change anything.
 */
export async function createBoard(
  url: string,
  board: string,
  windows: readonly string[] = ["all"],
): Promise<void> {
  await call("PUT", `${url}/v1/leaderboards/${board}`, { operator: "last", windows });
}

export async function submit(
  url: string,
  board: string,
  score: Omit<InputOf<"leaderboard.submit">, "board">,
): Promise<void> {
  await call("POST", scoresUrl(url, board), score);
}

export async function submitMany(
  url: string,
  board: string,
  scores: InputOf<"leaderboard.submitMany">["scores"],
): Promise<void> {
  await call("POST", batchUrl(url, board), { scores });
}

export function readTop(
  url: string,
  board: string,
  limit: number,
  ranking: InputOf<"leaderboard.entries">["ranking"] = "ordinal",
): Promise<OutputOf<"leaderboard.entries">> {
  return call("GET", `${url}/v1/leaderboards/${board}/entries?limit=${limit}&ranking=${ranking}`);
}

/** The number of users who are present in a room. */
export async function membersPresent(url: string, room: string): Promise<number> {
  const { count } = await call<OutputOf<"presence.count">>("GET", `${url}/v1/presence/${room}/count`);
  return count;
}

/** Creates a session for a user whose id and name are `name`. @returns its token */
export async function createSession(url: string, name: string): Promise<string> {
  const input: InputOf<"session.create"> = { user: { id: name, name } };
  const { token } = await call<OutputOf<"session.create">>("POST", `${url}/v1/sessions`, input);
  if (token === null) throw new Error("The reply to session.create has no token");
  return token;
}
