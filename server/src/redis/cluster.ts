import { Cluster, type ClusterOptions } from "ioredis";
import { AbortError } from "p-retry";
import type { RedisAddress } from "../config/redis-url.js";
import { ClusterCommands } from "./cluster-commands.js";
import { ClusterTopics } from "./cluster-topics.js";
import type { OpenRedis } from "./open-redis.js";
import { commandOptions, jobOptions, reconnectDelays } from "./options.js";
import { type ProbeOptions, probe } from "./probe.js";
import { registerScripts } from "./scripts.js";
import { loginOf, readServerFacts } from "./server-check.js";

const SLOTS_TIMEOUT_MS = 1_000;
/** The commands of background jobs may wait. They are retried for about ten seconds, because a failover takes that long. */
const JOB_RETRIES = 100;

type Options = Omit<ClusterOptions, "replyMapping">;

function clusterOptions(): Options {
  return {
    lazyConnect: true,
    clusterRetryStrategy: reconnectDelays(),
    slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
    // Keeps the names of servers instead of their addresses, because TLS certificates are issued for names.
    dnsLookup: (name, callback) => callback(null, name),
  };
}

/** Opens the connections to a Cluster. */
export function openCluster(address: RedisAddress): OpenRedis {
  const { hosts, db } = address;
  const login = loginOf(address);
  const commands = new ClusterCommands(hosts, {
    ...clusterOptions(),
    redisOptions: { ...login, ...commandOptions() },
    // A command whose connection closed may have run, so it is not retried here. Only the command's caller can retry safely.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
  });
  registerScripts(commands);
  const jobs = new Cluster(hosts, {
    ...clusterOptions(),
    redisOptions: { ...login, ...jobOptions() },
    maxRedirections: JOB_RETRIES,
  });
  return {
    commands,
    jobs,
    all: { commands, jobs },
    notReady: "the Cluster is not complete: a part of its slots has no server",
    check: () => checkCluster(commands, db),
    async diagnose() {
      for (const host of hosts) await diagnose({ ...host, ...login });
    },
    topics: (options) => new ClusterTopics(commands, login, options),
  };
}

/** @returns the version of Redis */
async function checkCluster(commands: ClusterCommands, db: number): Promise<number> {
  if (db !== 0) throw new AbortError("it is a Cluster, which has database 0 only");
  const state = (await commands.cluster("INFO")) as string;
  if (!state.includes("cluster_state:ok")) throw new Error("CLUSTERDOWN: a part of the slots has no server");
  const { version } = await readServerFacts((section) => commands.info(section));
  return version;
}

/** @throws {AbortError} when a server does not report the addresses of slot owners. A server that does not answer is skipped. */
async function diagnose(server: ProbeOptions): Promise<void> {
  const owners = await probe(server, (redis) => redis.cluster("SLOTS")).catch(() => []);
  if (owners.every(([, , owner]) => owner?.[0])) return;
  throw new AbortError(
    `${server.host}:${server.port} does not know its own address: set its cluster-announce-ip, or let it meet another server`,
  );
}
