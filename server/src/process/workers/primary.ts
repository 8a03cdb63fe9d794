import cluster, { type Worker } from "node:cluster";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import type { Config } from "../../config/config.js";
import type { Stoppable } from "../shutdown.js";
import { CountBoard } from "./count-board.js";
import type { CountChange, PrimaryMessage, Query, Reply, WorkerMessage } from "./messages.js";

/** A worker may take this long to answer a query. */
const QUERY_TIMEOUT_MS = 2_000;
/** A worker that exits sooner than this is replaced after a pause. The pause doubles with each further early exit. */
const STABLE_MS = 10_000;
const RESTART_PAUSE_MS = { first: 500, most: 30_000 };

/** The environment variable with the folder of the workers' unix sockets. */
export const SOCKETS_VARIABLE = "WORKER_SOCKETS";

/** One node behind the shared port. */
export interface WorkerNode {
  url: string;
  nodeId: string;
  pid: number;
}

interface Running {
  worker: Worker;
  startedAt: number;
  node: WorkerNode | null;
}

/**
 * Runs several nodes behind one port, each in a process of its own. It distributes connections over the nodes, replaces
 * a node that exits, and passes messages between the nodes. It serves nothing itself.
 */
export class Primary implements Stoppable {
  readonly #config: Config;
  readonly #redisUrl: string;
  readonly #log: Logger;
  readonly #counts: CountBoard;
  readonly #running = new Map<number, Running>();
  readonly #queries = new Map<number, (value: Reply["value"]) => void>();
  readonly #socketsDir: string;
  #lastQuery = 0;
  #restarts = 0;
  #isStopping = false;
  #onStarted: (() => void) | null = null;
  #onFailed: ((error: Error) => void) | null = null;
  #onEmpty = (): void => {};

  private constructor(config: Config, redisUrl: string, log: Logger, socketsDir: string) {
    this.#config = config;
    this.#redisUrl = redisUrl;
    this.#log = log;
    this.#socketsDir = socketsDir;
    const { connections } = config.limits;
    this.#counts = new CountBoard({
      user: connections?.perUser ?? Number.POSITIVE_INFINITY,
      network: connections?.perAddress ?? Number.POSITIVE_INFINITY,
    });
  }

  static async create(config: Config, redisUrl: string, log: Logger): Promise<Primary> {
    // The name is short, because the path of a unix socket has at most 104 bytes.
    const socketsDir = await mkdtemp(join(tmpdir(), "gs-"));
    return new Primary(config, redisUrl, log, socketsDir);
  }

  /**
   * Starts all workers.
   * @throws {Error} when one of them can't start
   */
  async start(): Promise<void> {
    cluster.setupPrimary({ exec: fileURLToPath(new URL("./worker.js", import.meta.url)), args: [] });
    const started = new Promise<void>((resolve, reject) => {
      this.#onStarted = resolve;
      this.#onFailed = reject;
    });
    for (let count = 0; count < this.#config.workers; count += 1) this.#fork();
    await started;
    this.#onFailed = null;
  }

  /** The nodes that listen. */
  nodes(): WorkerNode[] {
    return [...this.#running.values()].flatMap(({ node }) => node ?? []);
  }

  drain(): void {
    this.#isStopping = true;
    this.#sendAll({ kind: "drain" });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const ended = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    this.#sendAll({ kind: "stop" });
    if (this.#running.size > 0) await ended;
    await rm(this.#socketsDir, { recursive: true, force: true });
  }

  #fork(): void {
    const worker = cluster.fork({ REDIS_URL: this.#redisUrl, [SOCKETS_VARIABLE]: this.#socketsDir });
    const running: Running = { worker, startedAt: performance.now(), node: null };
    this.#running.set(worker.id, running);
    worker.on("message", (message: WorkerMessage) => this.#receive(running, message));
    worker.on("exit", (status, signal) => this.#onExit(running, signal ?? `status ${status}`));
    // Sending to a worker that has just exited emits an error. The listener for `exit` above handles the exit.
    worker.on("error", () => {});
    const changes = this.#counts.snapshot();
    if (changes.length > 0) send(worker, { kind: "counts", changes });
  }

  #receive(running: Running, message: WorkerMessage): void {
    const { worker } = running;
    switch (message.kind) {
      case "listening": {
        running.node = { url: message.url, nodeId: message.nodeId, pid: worker.process.pid! };
        const { nodeId: node, ...about } = running.node;
        this.#log.info({ node, ...about }, "a worker listens");
        const isComplete = [...this.#running.values()].every(({ node }) => node !== null);
        if (isComplete) this.#onStarted?.();
        break;
      }
      case "failed":
        if (this.#onFailed) {
          const { message: reason, code, port } = message;
          this.#onFailed(Object.assign(new Error(reason), { code, port }));
        } else this.#log.error({ pid: worker.process.pid, reason: message.message }, "a worker can't start");
        break;
      case "counts":
        this.#count(worker, message.changes);
        break;
      case "queryAll":
        void this.#queryAll(worker, message.id, message.query);
        break;
      case "reply":
        this.#queries.get(message.id)?.(message.value);
    }
  }

  #count(worker: Worker, changes: CountChange[]): void {
    for (const excess of this.#counts.apply(worker.id, changes)) send(worker, { kind: "excess", ...excess });
    this.#sendAll({ kind: "counts", changes }, worker);
  }

  async #queryAll(sender: Worker, id: number, query: Query): Promise<void> {
    const listening = [...this.#running.values()].filter(({ node }) => node !== null);
    const replies = await Promise.all(listening.map(({ worker }) => this.#replyOf(worker, query)));
    send(sender, { kind: "replies", id, replies, workerCount: this.#config.workers });
  }

  async #replyOf(worker: Worker, query: Query): Promise<Reply> {
    this.#lastQuery += 1;
    const id = this.#lastQuery;
    const reply = new Promise<Reply["value"]>((resolve) => {
      this.#queries.set(id, resolve);
      setTimeout(resolve, QUERY_TIMEOUT_MS, null).unref();
    });
    send(worker, { kind: "query", id, query });
    const value = await reply;
    this.#queries.delete(id);
    return { worker: worker.id, value };
  }

  #onExit({ worker, startedAt, node }: Running, ending: string): void {
    this.#running.delete(worker.id);
    this.#sendAll({ kind: "counts", changes: this.#counts.remove(worker.id) });
    if (this.#running.size === 0) this.#onEmpty();
    if (this.#isStopping) return;
    if (this.#onFailed) {
      this.#onFailed(new Error(`A worker ended during the start (${ending})`));
      return;
    }
    this.#restarts = performance.now() - startedAt > STABLE_MS ? 0 : this.#restarts + 1;
    const { first, most } = RESTART_PAUSE_MS;
    const pauseMs = this.#restarts === 0 ? 0 : Math.min(most, first * 2 ** (this.#restarts - 1));
    this.#log.error(
      { node: node?.nodeId, pid: worker.process.pid, ending, pauseMs },
      "a worker ended; replacing it",
    );
    setTimeout(() => {
      if (!this.#isStopping) this.#fork();
    }, pauseMs);
  }

  #sendAll(message: PrimaryMessage, except?: Worker): void {
    for (const { worker } of this.#running.values()) if (worker !== except) send(worker, message);
  }
}

function send(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message);
}
