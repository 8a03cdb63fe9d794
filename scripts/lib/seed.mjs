import { demoBoards } from "./demo-boards.mjs";
import { demoCounters } from "./demo-counters.mjs";
import { demoRooms } from "./demo-rooms.mjs";

/**
 * Creates the demo's boards with some players on them, its counters, and messages in its rooms. What exists
 * already stays as it is, except that missing windows are added to a board. A window is a ranking period, such
 * as `daily`. A failure is only printed.
 *
 * @param {{ url: string, key: string | null }} node where the server is, and the secret of an API key
 */
export async function seedDemo({ url, key }) {
  try {
    if (key === null) throw new Error("GRANDSTAND_API_KEYS has no key with its secret, only digests");
    const call = caller(url, key);
    await seedBoards(call);
    await seedCounters(call);
    await seedRooms(call, url);
  } catch (error) {
    console.warn(`The demo's data could not be written: ${error.message}`);
  }
}

async function seedBoards(call) {
  for (const { board, rules, entries } of demoBoards) {
    const path = `/v1/leaderboards/${board}`;
    const existing = await call("GET", path);
    if (existing.status === 200) await addWindows(call, path, existing.body, rules);
    else if (existing.status === 404) await create(call, path, rules, entries);
    else throw refusal(existing);
  }
}

async function seedCounters(call) {
  for (const { counter, rules, value } of demoCounters) {
    const path = `/v1/counters/${counter}`;
    const { createdAt } = await expectSuccess(call("GET", path));
    if (createdAt !== null) continue;
    await expectSuccess(call("PUT", path, rules));
    if (value !== undefined) await expectSuccess(call("PUT", `${path}/value`, { value }));
  }
}

/** Sends each message as the player who wrote it. A room that already has messages is left as it is. */
async function seedRooms(call, url) {
  for (const { room, messages } of demoRooms) {
    const path = `/v1/chat/${room}/messages`;
    const history = await expectSuccess(call("GET", `${path}?limit=1`));
    if (history.messages.length > 0) continue;
    for (const [player, text] of messages) {
      const user = { id: player, name: player };
      const { id, token } = await expectSuccess(call("POST", "/v1/sessions", { user }));
      await expectSuccess(caller(url, token)("POST", path, { text }));
      await expectSuccess(call("DELETE", `/v1/sessions/${id}`));
    }
  }
}

async function create(call, path, rules, entries) {
  await expectSuccess(call("PUT", path, rules));
  for (const [window, players] of Object.entries(entries)) {
    const content = players.map((player) => JSON.stringify(player)).join("\n");
    const { refusals } = await expectSuccess(call("POST", `${path}/import`, { window, content }));
    for (const { member, error } of refusals) throw new Error(`${path} refused ${member}: ${error.message}`);
  }
}

/** Adds the windows that a board lacks. Its other windows stay and keep their entries. */
async function addWindows(call, path, existing, { windows = [] }) {
  const isThere = (window) => existing.windows.includes(window);
  if (windows.every(isThere)) return;
  const others = existing.windows.filter((window) => !windows.includes(window));
  await expectSuccess(call("PUT", path, { ...rulesOf(existing), windows: [...windows, ...others] }));
}

/** The rules of a board as `leaderboard.configure` takes them. Null means no limit, so rules that are null are left out. */
function rulesOf({ board, total, createdAt, updatedAt, ...rules }) {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== null));
}

function caller(url, key) {
  return async (method, path, input) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${key}`, ...(input && { "content-type": "application/json" }) },
      ...(input && { body: JSON.stringify(input) }),
    });
    return { request: `${method} ${path}`, status: response.status, body: await response.json() };
  };
}

async function expectSuccess(answer) {
  const { status, body, request } = await answer;
  if (status < 200 || status > 299) throw refusal({ status, body, request });
  return body;
}

function refusal({ request, status, body }) {
  return new Error(`${request} was answered ${status}: ${body.detail ?? body.title ?? "no reason given"}`);
}
