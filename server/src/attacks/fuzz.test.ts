import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newGuest } from "../testing/accounts.js";
import { type AttackedNode, startAttackedNode } from "../testing/attacks/attacked-node.js";
import { type Attack, attacks } from "../testing/attacks/inputs.js";
import { restTarget } from "../testing/attacks/rest-target.js";
import { socketIoTarget } from "../testing/attacks/socketio-target.js";
import type { Target } from "../testing/attacks/target.js";
import { webSocketTarget } from "../testing/attacks/websocket-target.js";
import { TEST_API_KEY } from "../testing/names.js";

const COUNT = Number(process.env.GRANDSTAND_TEST_FUZZ ?? 10_000);
const seed = Number(process.env.GRANDSTAND_TEST_SEED ?? randomInt(2 ** 31));
let node: AttackedNode;
beforeAll(async () => { node = await startAttackedNode(); });
afterAll(() => node.close());

it("fuzz", { timeout: 600_000 }, async () => {
  const [ann, bo] = await Promise.all([newGuest(node.url, "Ann"), newGuest(node.url, "Bo")]);
  const attackers = [
    { name: "nobody", token: null, user: null },
    { name: "a server", token: TEST_API_KEY, user: null },
    { name: "Ann", token: ann.token, user: ann.user.id },
    { name: "Bo", token: bo.token, user: bo.user.id },
  ];
  const targets: Target[] = attackers.flatMap((a) => [restTarget(node.port, a), webSocketTarget(node.port, a), ...(a.token ? [socketIoTarget(node.port, a)] : [])]);
  const all = attacks(COUNT, seed);
  const faults = new Map<string, string>();
  const t0 = Date.now();
  let next = 0;
  await Promise.all(targets.map(async (target) => {
    const one = async () => { for (;;) { const attack = all[next++]; if (!attack) return;
      const fault = await target.attack(attack);
      if (fault !== null) { const k = `${attack.operation}: ${fault.slice(0,200)}`; if (!faults.has(k)) faults.set(k, `${target.name} ${JSON.stringify(attack.input)?.slice(0,400)}`); } } };
    await Promise.all(Array.from({length: 8}, one));
  }));
  console.log("seed", seed, all.length, "ms", Date.now()-t0, process.memoryUsage());
  for (const [k,v] of faults) console.log(k, "\n    ", v);
  const seen = new Set(); for (const line of node.faults) { const {err, operation}=JSON.parse(line); const k = operation+err?.message; if(!seen.has(k)) { seen.add(k); console.log("LOG", operation, err?.stack?.slice(0,600)); } }
  await Promise.all(targets.map((t) => t.close()));
});
