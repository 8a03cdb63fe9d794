import { Cluster, type Command, type Redis } from "ioredis";
import { NotReplicatedError } from "./not-replicated.js";
import { confirmedScripts } from "./scripts.js";

/** The time limit of a WAIT. A write may take twice as long, because it first waits for the WAIT that is running. */
const CONFIRM_MS = 1_000;
/** The time limit while replicas are known to be missing. It is short, because a WAIT delays all later commands. */
const MISSING_CONFIRM_MS = 100;
/** How long replicas count as missing after a WAIT that failed. The first WAIT after this time has the full limit again. */
const MISSING_FOR_MS = 5_000;

/**
 * Lets the writes of operations succeed only once `replicas` replicas have them. Writes whose replies arrive
 * together share one WAIT. The WAIT is sent on the connection that wrote, because another connection may lead to
 * another primary.
 * @param probeKey a SET of this key counts as a write of an operation
 */
export function confirmWrites(redis: Redis | Cluster, replicas: number, probeKey: string | null): void {
  const scripts = confirmedScripts();
  const connectionOf = new WeakMap<Command, Redis>();
  const groups = new WeakMap<object, ConfirmedGroup>();
  const groupOf = (connection: Redis) => {
    const { stream } = connection;
    let group = groups.get(stream);
    if (!group) {
      group = new ConfirmedGroup(connection, replicas);
      groups.set(stream, group);
    }
    return group;
  };
  const isWrite = ({ name, args }: Command) =>
    ((name === "evalsha" || name === "eval") && scripts.has(String(args[0]))) ||
    (name === "set" && args[0] === probeKey);

  const watch = (connection: Redis) => {
    const sendCommand = connection.sendCommand.bind(connection);
    connection.sendCommand = (command, ...more) => {
      if (isWrite(command)) {
        if (!connectionOf.has(command)) confirm(command);
        // A Cluster sends a command again, on another connection, when its slot has moved.
        connectionOf.set(command, connection);
      }
      return sendCommand(command, ...more);
    };
  };
  const confirm = (command: Command) => {
    const resolve = command.resolve;
    command.resolve = (reply) => {
      const confirmed = groupOf(connectionOf.get(command)!).confirm();
      confirmed.then(
        () => resolve(reply),
        (error: Error) => command.reject(error),
      );
    };
  };
  for (const connection of redis instanceof Cluster ? redis.nodes() : [redis]) watch(connection);
  redis.on("+node", watch);
}

/** The writes on one connection to one primary. One WAIT runs at a time. Writes that end meanwhile share the next WAIT. */
class ConfirmedGroup {
  readonly #connection: Redis;
  readonly #stream: object;
  readonly #replicas: number;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #missingSince = Number.NEGATIVE_INFINITY;

  constructor(connection: Redis, replicas: number) {
    this.#connection = connection;
    this.#stream = connection.stream;
    this.#replicas = replicas;
  }

  /**
   * Waits until enough replicas have all writes to which Redis has replied on this connection so far.
   * @throws {NotReplicatedError} or the error of a failed WAIT
   */
  confirm(): Promise<void> {
    const wait = () => {
      this.#next = null;
      this.#current = this.#wait();
      return this.#current;
    };
    this.#next ??= this.#current.then(wait, wait);
    return this.#next;
  }

  async #wait(): Promise<void> {
    const { status, stream } = this.#connection;
    // A WAIT on a new connection would count the replicas of another primary.
    if (status !== "ready" || stream !== this.#stream)
      throw new NotReplicatedError("the connection was lost");
    const isMissing = performance.now() - this.#missingSince < MISSING_FOR_MS;
    const limitMs = isMissing ? MISSING_CONFIRM_MS : CONFIRM_MS;
    const confirmed = await this.#connection.wait(this.#replicas, limitMs);
    if (confirmed >= this.#replicas) {
      this.#missingSince = Number.NEGATIVE_INFINITY;
      return;
    }
    if (!isMissing) this.#missingSince = performance.now();
    throw new NotReplicatedError(`${confirmed} of ${this.#replicas} replicas confirmed a write`);
  }
}
