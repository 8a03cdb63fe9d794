import { writeFile } from "node:fs/promises";
import { poll } from "./poll.js";
import { freePort, type RedisProcess, RedisServers } from "./servers.js";

/** A primary with a replica, and three Sentinels that promote the replica when the primary is down. */
export interface TestSentinels {
  /** The URL of the Sentinels. */
  url: string;
  primary: RedisProcess;
  replica: RedisProcess;
  /** Starts a further replica of the given primary. */
  addReplica(primary: RedisProcess): Promise<RedisProcess>;
  close(): Promise<void>;
}

export const SENTINEL_MASTER = "grandstand-test";

/** @param downAfterMs the primary counts as down after this time without a reply */
export async function startSentinels({ downAfterMs = 800 } = {}): Promise<TestSentinels> {
  const servers = await RedisServers.open();
  const [primary, replica] = await Promise.all([
    servers.start({ "repl-diskless-sync-delay": 0 }),
    servers.start({ "repl-diskless-sync-delay": 0 }),
  ]);
  await replica.client.call("REPLICAOF", primary.host, primary.port);
  const sentinels = await Promise.all(
    [1, 2, 3].map(async () => {
      const port = await freePort();
      const file = servers.path(`sentinel-${port}.conf`);
      const lines = [
        `sentinel monitor ${SENTINEL_MASTER} ${primary.host} ${primary.port} 2`,
        `sentinel down-after-milliseconds ${SENTINEL_MASTER} ${downAfterMs}`,
        `sentinel failover-timeout ${SENTINEL_MASTER} 3000`,
      ];
      await writeFile(file, `${lines.join("\n")}\n`);
      return servers.startSentinel(file, port);
    }),
  );
  await poll(async () => {
    for (const { client } of sentinels) {
      const masters = (await client.call("SENTINEL", "MASTERS")) as string[][];
      const [fields] = masters;
      const known = (name: string) => Number(fields![fields!.indexOf(name) + 1]);
      if (known("num-slaves") < 1 || known("num-other-sentinels") < 2)
        throw new Error("a Sentinel has not discovered the replica and the other Sentinels yet");
    }
  });
  return {
    url: `redis://${sentinels.map(({ host, port }) => `${host}:${port}`).join(",")}`,
    primary,
    replica,
    async addReplica({ host, port }) {
      const added = await servers.start({ "repl-diskless-sync-delay": 0 });
      await added.client.call("REPLICAOF", host, port);
      return added;
    },
    close: () => servers.close(),
  };
}
