import { poll } from "./poll.js";
import { type RedisProcess, RedisServers } from "./servers.js";

const SLOTS = 16_384;

/** A Cluster of real servers, each master with the same number of replicas. */
export interface TestCluster {
  url: string;
  masters: RedisProcess[];
  /** Replica number i follows master number i % `masters.length`. */
  replicas: RedisProcess[];
  /** Moves a slot and its keys to another master. */
  moveSlot(slot: number, from: RedisProcess, to: RedisProcess): Promise<void>;
  /** Makes a replica take the place of its master. */
  failOver(replica: RedisProcess): Promise<void>;
  /** Waits until all running servers agree that the Cluster is complete. Killed servers stay members of the Cluster. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** @param settings further settings of each server */
export async function startCluster({
  masters: masterCount = 3,
  replicasEach = 0,
  settings = {},
}: {
  masters?: number;
  replicasEach?: number;
  settings?: Record<string, string | number>;
} = {}): Promise<TestCluster> {
  const servers = await RedisServers.open();
  const count = masterCount * (1 + replicasEach);
  const start = (number: number) =>
    servers.start({
      "cluster-enabled": "yes",
      "cluster-config-file": servers.path(`nodes-${number}.conf`),
      "cluster-node-timeout": 1_000,
      "repl-diskless-sync-delay": 0,
      ...settings,
    });
  const all = await Promise.all(Array.from({ length: count }, (_, number) => start(number)));
  const masters = all.slice(0, masterCount);
  const replicas = all.slice(masterCount);
  await Promise.all(
    masters.map(({ client }, at) => {
      const from = Math.round((at * SLOTS) / masterCount);
      const to = Math.round(((at + 1) * SLOTS) / masterCount) - 1;
      return client.call("CLUSTER", "ADDSLOTSRANGE", from, to);
    }),
  );
  await Promise.all(all.map(({ client }, at) => client.call("CLUSTER", "SET-CONFIG-EPOCH", at + 1)));
  await Promise.all(
    all.slice(1).map(({ client }) => client.call("CLUSTER", "MEET", all[0]!.host, all[0]!.port)),
  );
  const idOf = async ({ client }: RedisProcess) => String(await client.call("CLUSTER", "MYID"));
  const running = () => all.filter(({ client }) => client.status === "ready");
  const settled = () =>
    poll(async () => {
      for (const { client } of running()) {
        const info = String(await client.call("CLUSTER", "INFO"));
        if (!info.includes("cluster_state:ok") || !info.includes(`cluster_known_nodes:${count}`))
          throw new Error(info);
      }
    });
  await settled();
  await Promise.all(
    replicas.map(async ({ client }, at) => {
      const id = await idOf(masters[at % masterCount]!);
      await poll(() => client.call("CLUSTER", "REPLICATE", id));
      await poll(async () => {
        if (!(await client.info("replication")).includes("master_link_status:up"))
          throw new Error("not synced");
      });
    }),
  );
  return {
    url: `redis://${masters.map(({ host, port }) => `${host}:${port}`).join(",")}`,
    masters,
    replicas,
    async moveSlot(slot, from, to) {
      const [fromId, toId] = await Promise.all([idOf(from), idOf(to)]);
      await to.client.call("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
      await from.client.call("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
      for (;;) {
        const keys = (await from.client.call("CLUSTER", "GETKEYSINSLOT", slot, 100)) as string[];
        if (keys.length === 0) break;
        await from.client.call("MIGRATE", to.host, to.port, "", 0, 5_000, "KEYS", ...keys);
      }
      for (const { client } of [to, from]) await client.call("CLUSTER", "SETSLOT", slot, "NODE", toId);
    },
    async failOver(replica) {
      await poll(async () => {
        if ((await replica.client.info("replication")).includes("role:master")) return;
        // Repeated, because the other masters do not promote a replica that they have not heard of yet.
        await replica.client.call("CLUSTER", "FAILOVER");
        throw new Error("not promoted");
      }, 300);
    },
    settled,
    close: () => servers.close(),
  };
}
