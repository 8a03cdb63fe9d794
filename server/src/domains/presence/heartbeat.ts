import type { DomainDependencies } from "../shared/dependencies.js";
import type { PresenceFeeds } from "./feed.js";
import type { Lease } from "./lease.js";
import type { MembershipWriter } from "./membership-writer.js";
import type { Registry } from "./registry.js";
import type { Upkeep } from "./upkeep.js";

const TICK_MS = 500;

/** Renews the lease twice a second, and hands on what the renewal means for the rest of this node. */
export class Heartbeat {
  readonly #dependencies: DomainDependencies;
  readonly #lease: Lease;
  readonly #writer: MembershipWriter;
  readonly #registry: Registry;
  readonly #feeds: PresenceFeeds;
  readonly #upkeep: Upkeep;
  #timer: NodeJS.Timeout | undefined;
  #state: "waiting" | "ticking" | "stopped" = "stopped";

  constructor(
    dependencies: DomainDependencies,
    parts: {
      lease: Lease;
      writer: MembershipWriter;
      registry: Registry;
      feeds: PresenceFeeds;
      upkeep: Upkeep;
    },
  ) {
    this.#dependencies = dependencies;
    this.#lease = parts.lease;
    this.#writer = parts.writer;
    this.#registry = parts.registry;
    this.#feeds = parts.feeds;
    this.#upkeep = parts.upkeep;
  }

  async start(): Promise<void> {
    this.#upkeep.carryOut(await this.#lease.acquire());
    this.#wait();
  }

  /** The lease stays until it is released or ends. */
  stop(): void {
    this.#state = "stopped";
    clearTimeout(this.#timer);
  }

  /** Never rejects. */
  readonly tick = async (): Promise<void> => {
    if (this.#state !== "waiting") return;
    this.#state = "ticking";
    clearTimeout(this.#timer);
    try {
      const work = await this.#lease.renew();
      if (work === null) await this.#replaceLease();
      else {
        this.#writer.resume();
        this.#upkeep.carryOut(work);
      }
    } catch (error) {
      this.#dependencies.log.debug({ err: error }, "presence: renewing the lease failed");
    } finally {
      // `stop` may have been called meanwhile.
      if (this.#isTicking) this.#wait();
    }
  };

  get #isTicking(): boolean {
    return this.#state === "ticking";
  }

  #wait(): void {
    this.#state = "waiting";
    this.#timer = setTimeout(this.tick, TICK_MS);
  }

  async #replaceLease(): Promise<void> {
    const lost = this.#lease.incarnation;
    this.#dependencies.log.warn(
      { lost },
      "the lease of presence was lost; announcing all members of this node again",
    );
    // A sweep of the old incarnation must find every room that it may have written to.
    await this.#writer.registerRoomsOf(lost);
    this.#upkeep.carryOut(await this.#lease.replace());
    this.#registry.announceAll();
    this.#feeds.resyncAll();
  }
}
