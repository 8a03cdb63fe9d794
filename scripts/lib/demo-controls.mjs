import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@grandstand/sdk";
import { createServerClient } from "@grandstand/sdk/server";
import { pauseRedis } from "./pause-redis.mjs";

/**
 * The rooms over which the page and this process communicate. web/src/proof/control-rooms.ts has the same
 * names.
 */
const nodesRoom = "demo:nodes";
const controlsRoom = "demo:controls";

const redisMember = "redis";
const REDIS_PAUSE_MS = 3_000;
/** The TTL of the members of `nodesRoom`. They disappear after this time if this process stops and renews them no more. */
const MEMBER_TTL_MS = 30_000;
const RENEW_MS = 10_000;
const WATCH_MS = 250;

/**
 * Serves the two buttons of the demo's page that break something: one kills a node, the other pauses the
 * private Redis. This process is a client like any other. It shows the nodes as members of one room, and
 * carries out commands that come as messages in another room. A server that `npm start` did not start has no
 * such buttons.
 *
 * @param {{ url: string, key: string, nodes: () => { nodeId: string, pid: number }[], redisSocket: string | null }} demo
 *   `redisSocket` is the socket of the Redis that Grandstand started; null if Grandstand uses another Redis
 */
export function offerControls({ url, key, nodes, redisSocket }) {
  const client = createClient({ url, token: key });
  const shown = new ShownNodes(client.presence(nodesRoom), nodes, redisSocket !== null);
  shown.keepUpToDate();

  const actions = {
    killNode: async ({ node }) => {
      const victim = nodes().find(({ nodeId }) => nodeId === node);
      if (!victim) return "This node has stopped already.";
      if (nodes().length < 2) return "This is the only node now. Wait until the others run again.";
      process.kill(victim.pid, "SIGKILL");
      return null;
    },
    pauseRedis: async () => {
      if (redisSocket === null) return "This demo can pause only a Redis that Grandstand started.";
      await pauseRedis(redisSocket, REDIS_PAUSE_MS);
      await delay(REDIS_PAUSE_MS);
      return null;
    },
  };
  void obey(client.chat(controlsRoom), createServerClient({ url, apiKey: key }), actions);
}

/** Carries out the commands of the room one after the other, and answers each with a reply. */
async function obey(room, server, actions) {
  await room.configure({ logSize: 100, retentionMs: 3_600_000 }).catch(warn);
  let lastOffset = null;
  let previous = Promise.resolve();
  const live = room.live();
  live.subscribe(() => {
    const { status, messages } = live.get();
    if (status !== "live") return;
    // Commands from before the start of this process are ignored.
    lastOffset ??= messages.at(-1)?.offset ?? 0;
    for (const { offset, metadata } of messages) {
      const action = actions[metadata?.do];
      if (offset <= lastOffset) continue;
      lastOffset = offset;
      if (action) previous = previous.then(() => answer(server, offset, () => action(metadata)));
    }
  });
}

async function answer(server, offset, act) {
  const refusal = await act().catch((error) => error.message);
  const text = refusal ?? "Done.";
  const reply = { room: controlsRoom, text, replyTo: offset, metadata: { done: refusal === null } };
  // A call may fail just after a pause of Redis. Then the client repeats it, and the message is still sent
  // only once.
  await server.chat.send(reply).catch(warn);
}

/**
 * Shows each running node as a member of the nodes room, with a number and its process id; also Redis, if it can be
 * paused.
 */
class ShownNodes {
  #room;
  #nodes;
  #hasRedis;
  #numbers = new Map();
  #shown = new Set();
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(room, nodes, hasRedis) {
    this.#room = room;
    this.#nodes = nodes;
    this.#hasRedis = hasRedis;
  }

  keepUpToDate() {
    const update = async () => {
      await this.#update().catch(warn);
      setTimeout(update, WATCH_MS).unref();
    };
    void this.#dropForeign().catch(warn).then(update);
  }

  /** Removes the nodes that an earlier start left in the room. */
  async #dropForeign() {
    const { members } = await this.#room.get();
    for (const { user } of members) await this.#room.drop(user);
  }

  async #update() {
    const running = new Map(this.#nodes().map((node) => [node.nodeId, node]));
    for (const nodeId of this.#shown) {
      if (nodeId === redisMember || running.has(nodeId)) continue;
      this.#shown.delete(nodeId);
      await this.#room.drop(nodeId);
    }
    const isDue = performance.now() - this.#renewedAt > RENEW_MS;
    for (const { nodeId, pid } of running.values()) {
      if (!this.#numbers.has(nodeId)) this.#numbers.set(nodeId, this.#numbers.size + 1);
      if (isDue || !this.#shown.has(nodeId))
        await this.#show(nodeId, { number: this.#numbers.get(nodeId), pid });
    }
    if (this.#hasRedis && (isDue || !this.#shown.has(redisMember))) await this.#show(redisMember, {});
    if (isDue) this.#renewedAt = performance.now();
  }

  async #show(member, state) {
    await this.#room.keep(member, { state, ttlMs: MEMBER_TTL_MS });
    this.#shown.add(member);
  }
}

/** Logs an error, and lets the process go on: the demo works without its buttons. */
function warn(error) {
  console.warn(`The demo's controls: ${error.message}`);
}
