import { setTimeout } from "node:timers/promises";
import type { NodeProcess } from "../node-process.js";
import type { Random } from "./random.js";
import type { Reader } from "./reader.js";
import type { RestartableRedis } from "./restartable-redis.js";

/** The kinds of faults, with how often each happened. */
export interface Fault {
  name: string;
  startedAt: number;
  endedAt: number;
}

interface Ground {
  random: Random;
  redis: RestartableRedis;
  nodes: NodeProcess[];
  /** Starts a node that replaces a killed one. */
  startAgain(at: number): Promise<NodeProcess>;
  readers: Reader[];
}

/** Injects faults one after the other, in an order that the seed determines. */
export class Nemesis {
  readonly faults: Fault[] = [];
  readonly #ground: Ground;
  readonly #deeds: Record<string, () => Promise<void>>;

  constructor(ground: Ground) {
    this.#ground = ground;
    const { random, redis, nodes, readers } = ground;
    this.#deeds = {
      "kill -9 a node": async () => {
        const at = Math.floor(random.next() * nodes.length);
        await nodes[at]!.kill();
        await setTimeout(random.between(100, 1_000));
        nodes[at] = await ground.startAgain(at);
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

  /** Runs until it is stopped; flushes the data once, after about half of the time. */
  async run(durationMs: number): Promise<void> {
    const { random, redis } = this.#ground;
    const startedAt = performance.now();
    const names = Object.keys(this.#deeds);
    const left = () => durationMs - (performance.now() - startedAt);
    let wasFlushed = false;
    // Each round has every kind once, in random order.
    let bag: string[] = [];
    while (left() > 0) {
      await setTimeout(Math.min(Math.max(0, left()), random.between(200, 1_200)));
      if (!wasFlushed && left() < durationMs / 2) {
        wasFlushed = true;
        await this.#do("flush the data", async () => void (await redis.client.flushall()));
        continue;
      }
      if (left() <= 0) break;
      if (bag.length === 0) bag = [...names];
      const name = random.of(bag);
      bag.splice(bag.indexOf(name), 1);
      await this.#do(name, this.#deeds[name]!);
    }
  }

  async #do(name: string, deed: () => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    await deed();
    this.faults.push({ name, startedAt, endedAt: performance.now() });
  }
}
