import type { Finding } from "../finding.js";
import { median } from "../statistics.js";
import { MEMORY, REDIS_CPU, SERVER_CPU } from "../targets.js";

/** The measured cost of one unit of work: CPU in microseconds, memory in bytes. */
export interface UnitCosts {
  submit: Cost;
  page: Cost;
  unchangedTop: Cost;
  neighbours: Cost;
  /**
   * The delivery of a message to one subscriber in a room of 100. It includes the subscriber's share of the cost of
   * accepting the message.
   */
  delivery: number;
  messageInRedis: number;
  accept: number;
  connectionBytes: number;
  memberBytes: number;
}

interface Cost {
  server: number;
  redis: number;
}

/** The assumed load of the plan. */
const USERS = 1_000_000;
const ROOM_SIZE = 100;
const SECONDS_BETWEEN_MESSAGES = 100;
const SECONDS_BETWEEN_SUBMITS = 300;
const SECONDS_BETWEEN_READS = 60;
const SECONDS_TO_RETURN = 60;
/** The share of a core that may be busy in normal times, for nodes and for Redis. */
const NODE_SHARE = 0.6;
const REDIS_SHARE = 0.5;
const NODE_BYTES = 150 * 1_048_576;
const MAX_CONNECTIONS_OF_A_NODE = 50_000;

/** Takes the unit costs from results; null if one of them was not measured. */
export function unitCosts(findings: readonly Finding[]): UnitCosts | null {
  const figure = (id: string, name: string) => {
    const values = findings.find((finding) => finding.id === id)?.figures?.[name];
    return values === undefined ? Number.NaN : median(values);
  };
  const at = (id: string, size: number) =>
    findings.find((finding) => finding.id === id)?.curve?.points.find((point) => point.size === size)?.cost ??
    Number.NaN;
  const both = (id: string) => ({ server: figure(id, SERVER_CPU), redis: figure(id, REDIS_CPU) });
  const connections = findings.find(({ id }) => id === "G3")?.curve?.points.at(-1)?.cost ?? Number.NaN;
  const costs: UnitCosts = {
    submit: both("B2"),
    page: both("B11"),
    unchangedTop: both("B11E"),
    neighbours: both("R2"),
    delivery: at("G2", ROOM_SIZE),
    messageInRedis: figure("F5", REDIS_CPU),
    accept: figure("A1", SERVER_CPU),
    connectionBytes: connections * 1_024,
    memberBytes: figure("B12", MEMORY),
  };
  const numbers = Object.values(costs).flatMap((cost: number | Cost) =>
    typeof cost === "number" ? [cost] : [cost.server, cost.redis],
  );
  return numbers.some(Number.isNaN) ? null : costs;
}

/** The page docs/capacity.md. @param machine the machine on which the costs were measured */
export function capacityPage(costs: UnitCosts, machine: string): string {
  const plan = planOf(costs);
  return `# Capacity

What one unit of work costs, and a plan made from it. The costs are measured: \`npm run bench\` and \`npm run bench:report\` write this page,
and [benchmarks.md](benchmarks.md) has their conditions. The plan is a **calculation**: nobody has run a million connections.

## Unit costs

Measured on ${machine}. Server, Redis and load generators shared its cores.

| Work | CPU of a node, µs | CPU of Redis, µs | A core of a node does, a second |
|---|---|---|---|
${[
  costRow("a submit over REST, board of 100,000", costs.submit),
  costRow("a page of 100 entries, each time another one", costs.page),
  costRow("the top 100, unchanged, with `If-None-Match`", costs.unchangedTop),
  costRow("21 entries around a member", costs.neighbours),
  costRow(`a delivery in a room of ${ROOM_SIZE}, accepting the message included`, {
    server: costs.delivery,
    redis: 0,
  }),
  costRow("a connection that authenticates with a JWT and subscribes", { server: costs.accept, redis: 0 }),
].join("\n")}

- A chat message costs Redis ${micros(costs.messageInRedis)} µs at 200 messages a second. Redis takes more for a command when it is hardly busy, because it
  sleeps and wakes for each; at its limit it takes a fraction.
- A subscribed connection over plain WebSocket takes ${(costs.connectionBytes / 1_024).toFixed(1)} KiB of a node, a member of a board ${Math.round(costs.memberBytes)} bytes of Redis.

## A plan for a million connections

${whole(USERS)} users are connected over plain WebSocket, in rooms of ${ROOM_SIZE}. Each sends a message every ${SECONDS_BETWEEN_MESSAGES} seconds, submits a score
every ${SECONDS_BETWEEN_SUBMITS} seconds over REST and looks at an unchanged top 100 every ${SECONDS_BETWEEN_READS} seconds.

| Work | A second | Cores of nodes | Cores of Redis |
|---|---|---|---|
${plan.rows.map(({ work, perSecond, node, redis }) => `| ${work} | ${whole(perSecond)} | ${node.toFixed(1)} | ${redis.toFixed(1)} |`).join("\n")}
| together | | **${plan.nodeCores.toFixed(1)}** | **${plan.redisCores.toFixed(1)}** |

- **Nodes**: at ${NODE_SHARE * 100} % of a core each, ${plan.nodes} nodes, with ${whole(Math.ceil(USERS / plan.nodes))} connections and ${Math.round(plan.bytesOfNode / 1_048_576)} MB each. A node
  should hold at most ${whole(MAX_CONNECTIONS_OF_A_NODE)}: more make a restart long.
- **Redis**: at ${REDIS_SHARE * 100} % of a core each, ${plan.masters} masters of a Cluster. Rooms, boards and counters are spread over them by name; each of them lies on one master.
- **After an outage** all return. At the speed of accepting, ${plan.nodes} nodes take everybody in within ${Math.ceil(plan.secondsToReturn)} seconds at full load; clients
  spread their attempts, so plan for ${Math.max(SECONDS_TO_RETURN, Math.ceil(plan.secondsToReturn * 2))}.
- **Memory of Redis**: a board with all users takes ${Math.round((USERS * costs.memberBytes) / 1_048_576)} MB for each window.

What decides is the number of deliveries: messages times receivers. Rooms of 1,000 with the same messages make ten times as many, and then a
delivery costs less, because one encoding serves all. Measure your own mix before you order machines.
`;
}

function planOf(costs: UnitCosts) {
  const messages = USERS / SECONDS_BETWEEN_MESSAGES;
  const row = (work: string, perSecond: number, cost: Cost) => ({
    work,
    perSecond,
    node: (perSecond * cost.server) / 1e6,
    redis: (perSecond * cost.redis) / 1e6,
  });
  const rows = [
    row("deliveries", messages * ROOM_SIZE, { server: costs.delivery, redis: 0 }),
    row("messages", messages, { server: 0, redis: costs.messageInRedis }),
    row("submits", USERS / SECONDS_BETWEEN_SUBMITS, costs.submit),
    row("reads of an unchanged top", USERS / SECONDS_BETWEEN_READS, costs.unchangedTop),
  ];
  const sum = (of: "node" | "redis") => rows.reduce((total, one) => total + one[of], 0);
  const [nodeCores, redisCores] = [sum("node"), sum("redis")];
  const nodes = Math.ceil(Math.max(nodeCores / NODE_SHARE, USERS / MAX_CONNECTIONS_OF_A_NODE));
  return {
    rows,
    nodeCores,
    redisCores,
    nodes,
    bytesOfNode: NODE_BYTES + (USERS / nodes) * costs.connectionBytes,
    masters: Math.ceil(redisCores / REDIS_SHARE),
    secondsToReturn: (USERS * costs.accept) / 1e6 / nodes,
  };
}

function costRow(work: string, { server, redis }: Cost): string {
  return `| ${work} | ${micros(server)} | ${redis === 0 ? "" : micros(redis)} | ${whole(1e6 / server)} |`;
}

function micros(value: number): string {
  return value < 10 ? value.toFixed(1) : whole(value);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
