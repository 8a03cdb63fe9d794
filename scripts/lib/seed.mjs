import { demoBoards } from "./demo-boards.mjs";
import { demoCounters } from "./demo-counters.mjs";

/**
 * Creates the demo's boards with some players on them, and its counters. What exists is left as it is: it belongs to
 * whoever has played on it or changed its rules since.
 *
 * @param {{ url: string, key: string }} node where the server is, and the secret of an API key
 */
export async function seed({ url, key }) {
  const call = caller(url, key);
  await seedBoards(call);
  await seedCounters(call);
}

async function seedBoards(call) {
  for (const { board, rules, scores } of demoBoards) {
    const path = `/v1/leaderboards/${board}`;
    const existing = await call("GET", path);
    if (existing.status === 200) continue;
    if (existing.status !== 404) throw refusal(existing);

    await expectSuccess(call("PUT", path, rules));
    const { results } = await expectSuccess(call("POST", `${path}/scores/batch`, { scores }));
    const refused = results.find(({ ok }) => !ok);
    if (refused) throw new Error(`${board} refused ${refused.member}: ${refused.error.message}`);
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
