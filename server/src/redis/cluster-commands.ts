import { crc32 } from "node:zlib";
import { Cluster, type Command, type Redis } from "ioredis";
import { decodeScanCursor, encodeScanCursor, scanInterrupted } from "./cluster-scan-cursor.js";
import type { KeyPage, PublishCommand, RedisCommands } from "./commands.js";
import { keySlot } from "./key-slot.js";
import { COMMAND_TIMEOUT_MS } from "./options.js";

/** Publishes on the server that owns the topic's slot, where nodes subscribe. ioredis would send PUBLISH to any server. */
const PUBLISH_BY_SLOT = "return redis.call('PUBLISH', KEYS[1], ARGV[1])";
const SLOTS = 16_384;

/** Commands to a Cluster, each to the server that owns the slot of its keys. */
export class ClusterCommands extends Cluster implements RedisCommands {
  publishCommand: PublishCommand = "PUBLISH";

  /**
   * One time limit covers a command and all its redirections. While the Cluster is not ready, commands fail at once
   * instead of waiting in a queue. Exceptions are CLUSTER and INFO: ioredis needs their replies to become ready.
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

  /** The address of the server that owns the slot of a topic; undefined while no server owns it. */
  ownerOf(topic: string): string | undefined {
    return this.#owners[keySlot(topic)]?.[0];
  }

  /** The addresses of all servers that own slots, ordered by the first slot of each server. */
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
    const layout = this.#layout();
    const { masters } = this;
    const from = cursor === "0" ? { server: 0, position: "0", layout } : decodeScanCursor(cursor);
    const address = masters[from.server];
    const node = this.nodes("master").find((redis) => addressOf(redis) === address);
    if (from.layout !== layout || node === undefined) throw scanInterrupted();
    const [position, keys] = await node.scan(from.position, "MATCH", pattern, "COUNT", count);
    if (position !== "0") return { keys, nextCursor: encodeScanCursor({ ...from, position }) };
    const server = from.server + 1;
    if (server < masters.length) return { keys, nextCursor: encodeScanCursor({ server, position, layout }) };
    await this.refreshOwners();
    if (this.#layout() !== layout) throw scanInterrupted();
    return { keys, nextCursor: "0" };
  }

  onReconnect(listener: () => void): () => void {
    const onNode = (redis: Redis) => void redis.once("ready", listener);
    this.on("+node", onNode);
    return () => void this.off("+node", onNode);
  }

  /** A checksum of which server owns which slots. */
  #layout(): number {
    const owners = this.#owners.map((servers) => servers[0]);
    const moves = owners.map((owner, slot) => (owner === owners[slot - 1] ? "" : `${slot} ${owner}`));
    return crc32(moves.join(""));
  }

  get #owners(): string[][] {
    return (this as unknown as { slots: string[][] }).slots;
  }
}

function addressOf({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}
