import fc from "fast-check";
import { expect, it } from "vitest";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { freshId, freshPrefix } from "../../../test/support/names.js";
import { type PresenceNode, presenceNode, type TestTab } from "../../../test/support/presence-node.js";
import type { PresenceReplica } from "../../../test/support/presence-replica.js";
import { isCluster } from "../../../test/support/redis-client.js";

const NODES = 3;
const USERS = ["ann", "bo", "cy", "di", "ed", "flo"];
const GRACE_MS = 600;
const LEASE_MS = 1_500;
/** The number of runs. CONTRIBUTING.md says how to raise it. */
const RUNS = Number(process.env.GRANDSTAND_TEST_PRESENCE_RUNS ?? 2);

const user = fc.constantFrom(...USERS);
const place = fc.nat({ max: NODES - 1 });
const pick = fc.nat();

type Step =
  | { do: "enter"; user: string; node: number }
  | { do: "update" | "close" | "leave" | "reload"; pick: number; node?: never }
  | { do: "keep" | "drop"; user: string }
  | { do: "crash" | "cut off" | "reconnect"; node: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("enter" as const), user, node: place }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom("update" as const, "close" as const, "leave" as const),
      pick,
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("reload" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("keep" as const, "drop" as const), user }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("crash" as const, "cut off" as const, "reconnect" as const),
      node: place,
    }),
  },
);

interface ModelNode {
  node: PresenceNode;
  tabs: TestTab[];
  isCutOff: boolean;
  /** Whether the node was cut off since the round of steps began. */
  wasCutOff: boolean;
  observer: PresenceReplica;
}

/**
 * The members that the room should have: users with a tab
 * on a node or kept by a server, with their last states.
 */
class Model {
  readonly room = freshId("room");
  readonly #prefix = freshPrefix();
  nodes: ModelNode[] = [];
  readonly kept = new Set<string>();
  readonly states = new Map<string, object>();
  /** The users who have been present since the round began, on nodes that were not cut off. */
  readonly steady = new Set<string>();
  readonly #crashed: PresenceNode[] = [];
  /** The faults that observers found, including those on crashed nodes. */
  readonly #faults: string[] = [];
  #version = 0;

  async start(): Promise<void> {
    this.nodes = await Promise.all(Array.from({ length: NODES }, () => this.#newNode()));
  }

  async do(step: Step): Promise<void> {
    if ("node" in step) {
      const at = this.nodes[step.node]!;
      if (step.do === "enter") await this.#enter(at, step.user);
      else if (step.do === "crash") await this.#crash(step.node);
      else if (step.do === "cut off" && !at.isCutOff) {
        at.node.cutOff();
        at.isCutOff = true;
        at.wasCutOff = true;
      } else if (step.do === "reconnect") this.#reconnect(at);
    } else if (step.do === "keep") {
      const state = this.#nextState(step.user);
      const input = { room: this.room, user: step.user, ttlMs: 600_000, state };
      await this.#healthy.node.handlers["presence.keep"](input, serverCall);
      this.kept.add(step.user);
    } else if (step.do === "drop" && "user" in step) {
      if (!this.kept.delete(step.user)) return;
      await this.#healthy.node.handlers["presence.drop"]({ room: this.room, user: step.user }, serverCall);
    } else if ("pick" in step) await this.#useTab(step);
    this.#updateSteady();
  }

  /** Reconnects all nodes, and waits until Redis and all observers have the members of the model. */
  async converge(): Promise<void> {
    for (const at of this.nodes) this.#reconnect(at);
    const present = this.#present;
    await eventually(async () => {
      const { members } = await this.#healthy.node.handlers["presence.get"](
        { room: this.room, limit: 500 },
        serverCall,
      );
      expect(members.map((member) => member.user).sort()).toEqual(present);
      const states = Object.fromEntries(members.map((member) => [member.user, member.state]));
      for (const { observer } of this.nodes) expect(observer.states).toEqual(states);
      // No leave is pending.
      const { redis, keys } = this.#healthy.node.dependencies;
      expect(await redis.zcard(keys.presence(this.room).grace)).toBe(0);
    });
    for (const { observer } of this.nodes) this.#faults.push(...observer.faults);
    expect(this.#faults).toEqual([]);
  }

  /** Expects that no steady user was published as left, and that observers have each steady user's last state. */
  expectSteady(): void {
    // If the machine stalls for longer than a lease, nodes lose their leases although the test has not cut them off.
    if (this.nodes.some(({ node, wasCutOff }) => node.losses > 0 && !wasCutOff)) return;
    for (const { observer } of this.nodes) {
      const left = observer.usersOf("left");
      for (const each of this.steady) {
        expect(left).not.toContain(each);
        expect(observer.states[each]).toEqual(this.states.get(each));
      }
    }
  }

  async close(): Promise<void> {
    const nodes = [...this.nodes.map(({ node }) => node), ...this.#crashed];
    await Promise.all(nodes.map((node) => node.close()));
  }

  get #healthy(): ModelNode {
    return this.nodes.find(({ isCutOff }) => !isCutOff) ?? this.#reconnect(this.nodes[0]!);
  }

  get #present(): string[] {
    const users = [...this.nodes.flatMap(({ tabs }) => tabs.map((tab) => tab.user)), ...this.kept];
    return [...new Set(users)].sort();
  }

  async #newNode(): Promise<ModelNode> {
    const node = await presenceNode({
      prefix: this.#prefix,
      graceMs: GRACE_MS,
      leaseTtlMs: LEASE_MS,
      feed: { announceMs: 1_500 },
    });
    return { node, tabs: [], isCutOff: false, wasCutOff: false, observer: await node.observe(this.room) };
  }

  async #enter(at: ModelNode, id: string): Promise<void> {
    // A node that is cut off would refuse the user only after a timeout, so the model skips this step.
    if (at.isCutOff) return;
    const tab = at.node.connect(id);
    try {
      await tab.enter(this.room, this.#nextState(id));
      at.tabs.push(tab);
    } catch {
      tab.close();
    }
  }

  async #useTab(step: { do: "update" | "close" | "leave" | "reload"; pick: number }): Promise<void> {
    const tabs = this.nodes.flatMap((at) => at.tabs.map((tab) => ({ at, tab })));
    const used = tabs[step.pick % Math.max(1, tabs.length)];
    if (!used) return;
    const { at, tab } = used;
    if (step.do === "update") {
      if (!at.isCutOff) await tab.update(this.room, this.#nextState(tab.user));
      return;
    }
    at.tabs.splice(at.tabs.indexOf(tab), 1);
    if (step.do === "leave" && !at.isCutOff) await tab.leave(this.room);
    const closedAt = performance.now();
    tab.close();
    if (step.do !== "reload") return;
    await this.#enter(this.#healthy, tab.user);
    // If the machine stalled, the reload may have taken longer than the grace.
    if (performance.now() - closedAt > GRACE_MS / 2) this.steady.delete(tab.user);
  }

  async #crash(index: number): Promise<void> {
    const at = this.nodes[index]!;
    // The node can't reach Redis any more, and its users do not reconnect.
    at.node.cutOff();
    this.#faults.push(...at.observer.faults);
    this.#crashed.push(at.node);
    this.nodes[index] = await this.#newNode();
  }

  #reconnect(at: ModelNode): ModelNode {
    if (at.isCutOff) at.node.reconnect();
    at.isCutOff = false;
    return at;
  }

  #nextState(id: string): { v: number } {
    this.#version += 1;
    const state = { v: this.#version };
    this.states.set(id, state);
    return state;
  }

  #updateSteady(): void {
    const unharmed = this.nodes.filter(({ isCutOff }) => !isCutOff);
    const held = new Set([...unharmed.flatMap(({ tabs }) => tabs.map((tab) => tab.user)), ...this.kept]);
    for (const each of this.steady) if (!held.has(each)) this.steady.delete(each);
  }

  /** Makes the users who are present now the steady users of the round. */
  beginRound(): void {
    this.steady.clear();
    for (const each of this.#present) this.steady.add(each);
    for (const at of this.nodes) {
      at.wasCutOff = false;
      at.node.losses = 0;
      at.observer.publications.length = 0;
    }
  }
}

/**
 * Random steps of tabs, kept members, crashing nodes and
 * interrupted connections to Redis. A failing run prints its seed.
 */
it.skipIf(isCluster)(
  "PR1, PR2, PR3, PR8: a room's members converge to the model's, and each user's joins and leaves alternate",
  {
    timeout: 60_000 * RUNS,
  },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 10, maxLength: 20 }), { minLength: 3, maxLength: 3 }),
        async (rounds) => {
          const model = new Model();
          await model.start();
          try {
            for (const steps of rounds) {
              model.beginRound();
              for (const each of steps) await model.do(each);
              await model.converge();
              model.expectSteady();
            }
          } finally {
            await model.close();
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
);
