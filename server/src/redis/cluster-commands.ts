import { Cluster, type Command, type Redis } from "ioredis";
import type { KeyPage, PublishCommand, RedisCommands } from "./commands.js";
import { keySlot } from "./key-slot.js";
import { COMMAND_TIMEOUT_MS } from "./options.js";

/** ioredis sends PUBLISH to any server, but a script to the owner of its key, where the topic's subscribers are. */
const PUBLISH_BY_SLOT = "return redis.call('PUBLISH', KEYS[1], ARGV[1])";
const SLOTS = 16_384;
/** A cursor of `scanKeys` is the SCAN cursor of one server times this, plus the index of the server in `masters`. */
const MAX_SERVERS = 1_024n;

/** Commands to a Cluster, each to the server that owns the slot of its keys. */
export class ClusterCommands extends Cluster implements RedisCommands {
  publishCommand: PublishCommand = "PUBLISH";

  /**
   * Sets one time limit for a command with all its redirections. While the Cluster is not ready, a command fails at once
   * and is not queued, except CLUSTER and INFO, which ioredis sends to become ready.
   */
  override sendCommand(command: Command, ...more: []): unknown {
    const isOfCluster = command.name === "cluster" || command.name === "info";
    if (this.status !== "ready" && !isOfCluster) {
      command.reject(new Error("Connection is closed."));
      return command.promise;
    }
    command.setTimeout(COMMAND_TIMEOUT_MS);
    return super.sendCommand(command, ...more);
  }

  /** The address of the server that owns a topic; undefined while none does. */
  ownerOf(topic: string): string | undefined {
    return this.#owners[keySlot(topic)]?.[0];
  }

  /** The addresses of all servers that own slots, by their first slot. */
  get masters(): string[] {
    return [...new Set(this.#owners.map((servers) => servers[0]!))];
  }

  /** Takes the new owner of a slot from a MOVED error, such as `MOVED 3999 10.0.0.2:6379`. */
  noteMove(error: unknown): void {
    const [, slot, address] = /^MOVED (\d{1,5}) (\S+:\d+)$/.exec((error as Error).message) ?? [];
    if (address !== undefined && Number(slot) < SLOTS) this.#owners[Number(slot)] = [address];
  }

  /** Reads the owners of slots again. Calls at the same time share one answer. Never rejects. */
  refreshOwners(): Promise<void> {
    return new Promise((resolve) => this.refreshSlotsCache(() => resolve()));
  }

  publishTo(topic: string, message: string): Promise<unknown> {
    if (this.publishCommand === "SPUBLISH") return this.spublish(topic, message);
    return this.eval(PUBLISH_BY_SLOT, 1, topic, message);
  }

  async subscriberCount(topic: string): Promise<number> {
    const section = this.publishCommand === "SPUBLISH" ? "SHARDNUMSUB" : "NUMSUB";
    const replies = await Promise.all(
      this.nodes("master").map((node) => node.call("PUBSUB", section, topic) as Promise<[string, number]>),
    );
    return replies.reduce((sum, [, count]) => sum + count, 0);
  }

  async scanKeys(pattern: string, cursor: string, count: number): Promise<KeyPage> {
    const server = BigInt(cursor) % MAX_SERVERS;
    const { masters } = this;
    const address = masters[Number(server)];
    const node = this.nodes("master").find((redis) => addressOf(redis) === address);
    // The cursor's server is no longer known, so the scan ends early (see `RedisCommands.scanKeys`).
    if (node === undefined) return { keys: [], nextCursor: "0" };
    const from = String(BigInt(cursor) / MAX_SERVERS);
    const [next, keys] = await node.scan(from, "MATCH", pattern, "COUNT", count);
    if (next !== "0") return { keys, nextCursor: String(BigInt(next) * MAX_SERVERS + server) };
    const isLast = Number(server) + 1 >= masters.length;
    return { keys, nextCursor: isLast ? "0" : String(server + 1n) };
  }

  onReconnect(listener: () => void): () => void {
    const onNode = (redis: Redis) => void redis.once("ready", listener);
    this.on("+node", onNode);
    return () => void this.off("+node", onNode);
  }

  get #owners(): string[][] {
    return (this as unknown as { slots: string[][] }).slots;
  }
}

function addressOf({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}
