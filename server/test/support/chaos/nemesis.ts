import { setTimeout } from "node:timers/promises";
import type { Fault } from "../../../src/verify/account.js";
import type { Random } from "../../../src/verify/random.js";
import type { Reader } from "../../../src/verify/reader.js";
import type { NodeProcess } from "../node-process.js";
import type { RestartableRedis } from "./restartable-redis.js";

interface System {
  random: Random;
  redis: RestartableRedis;
  nodes: NodeProcess[];
  /** Starts a node in place of a killed one. */
  startAgain(at: number): Promise<NodeProcess>;
  readers: Reader[];
}

/** Injects faults one after the other, in an order that the seed of `random` determines. */
export class Nemesis {
  readonly faults: Fault[] = [];
  readonly #system: System;
  readonly #kinds: Record<string, () => Promise<void>>;

  constructor(system: System) {
    this.#system = system;
    const { random, redis, nodes, readers } = system;
    this.#kinds = {
      "kill -9 a node": async () => {
        const at = Math.floor(random.next() * nodes.length);
        await nodes[at]!.kill();
        await setTimeout(random.between(100, 1_000));
        nodes[at] = await system.startAgain(at);
      },
      "freeze a node": async () => {
        const { pid } = random.of(nodes);
        process.kill(pid, "SIGSTOP");
        await setTimeout(random.between(300, 4_500));
        process.kill(pid, "SIGCONT");
      },
      "kill pub/sub connections": async () => {
        await redis.client.call("CLIENT", "KILL", "TYPE", "pubsub");
      },
      "restart redis": () => redis.restart(),
      "drop client sockets": async () => {
        for (const reader of readers) if (random.next() < 0.5) reader.drop();
      },
      "flush scripts": async () => {
        await redis.client.script("FLUSH");
      },
    };
  }

  /** Injects faults for `durationMs`, and deletes all data in Redis once, at about half of the time. */
  async run(durationMs: number): Promise<void> {
    const { random, redis } = this.#system;
    const startedAt = performance.now();
    const names = Object.keys(this.#kinds);
    const left = () => durationMs - (performance.now() - startedAt);
    let wasFlushed = false;
    // Each round injects every kind of fault once, in a random order.
    let bag: string[] = [];
    while (left() > 0) {
      await setTimeout(Math.min(Math.max(0, left()), random.between(200, 1_200)));
      if (!wasFlushed && left() < durationMs / 2) {
        wasFlushed = true;
        await this.#inject("flush the data", async () => void (await redis.client.flushall()));
        continue;
      }
      if (left() <= 0) break;
      if (bag.length === 0) bag = [...names];
      const name = random.of(bag);
      bag.splice(bag.indexOf(name), 1);
      await this.#inject(name, this.#kinds[name]!);
    }
  }

  async #inject(name: string, fault: () => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    await fault();
    this.faults.push({ name, startedAt });
  }
}
