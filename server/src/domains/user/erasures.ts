import { hash, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { OutputOf } from "@grandstand/shared/contract";
import { toIsoTime } from "../../core/iso-time.js";
import type { Idempotency } from "../../redis/idempotency.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { addErased, type Erased, type UserDataDomain } from "../shared/erasure.js";

type Report = OutputOf<"user.erase">;

/** How long a report is kept, for a caller that reads the progress. */
const REPORT_TTL_MS = 86_400_000;
/**
 * How long a call waits for its erasure. An erasure that takes longer continues after the reply. The wait is shorter than
 * the dispatcher's time limit for a call.
 */
const WAIT_MS = 1_500;
const POLL_MS = 50;
/**
 * Each erasure runs a second time, to remove what was written while the user's connections closed. The second run begins
 * this long after the grace (how long a user without a connection stays a member of a room).
 */
const SECOND_RUN_MS = 5_000;

/**
 * Erases users from all domains. A job carries out each erasure, so that the erasure continues on another node when
 * this node stops. A report of counts, without the user's id, is kept for a day.
 */
export class Erasures {
  readonly #dependencies: DomainDependencies;
  readonly #domains: [name: string, domain: UserDataDomain][];

  constructor(dependencies: DomainDependencies, domains: Record<string, UserDataDomain>) {
    this.#dependencies = dependencies;
    this.#domains = Object.entries(domains);
  }

  /**
   * Starts an erasure, unless the user's last erasure has the same idempotency key. Waits at most WAIT_MS for the erasure
   * to finish.
   */
  async erase(user: string, idempotency: Idempotency | null): Promise<Report> {
    const { redis, scheduleErasure, presenceGraceMs } = this.#dependencies;
    const key = this.#keyOf(user);
    const id = idempotency?.scope ?? randomUUID();
    if ((await redis.hget(key, "id")) !== id) {
      await redis.unlink(key);
      await redis.hset(key, { status: "running", startedAtMs: Date.now(), removed: "{}" });
      await redis.pexpire(key, REPORT_TTL_MS);
      await scheduleErasure(user, 0);
      await scheduleErasure(user, presenceGraceMs + SECOND_RUN_MS);
      // The id is written last. If scheduling fails, there is no id yet, so a repeat of the call schedules both runs.
      await this.#write(key, { id });
    }
    const until = performance.now() + WAIT_MS;
    for (;;) {
      const report = await this.#read(key);
      if (report.status === "done" || performance.now() > until) return report;
      await wait(POLL_MS);
    }
  }

  /** Carries out an erasure in all domains, one after the other. It is safe to run it twice. */
  async run(user: string): Promise<void> {
    const { log } = this.#dependencies;
    const key = this.#keyOf(user);
    const removed = (await this.#read(key)).removed;
    for (const [name, domain] of this.#domains) {
      const erased = await domain.eraseUser?.(user);
      if (erased === undefined) continue;
      removed[name] = addErased(removed[name] ?? {}, erased);
      await this.#write(key, { removed: JSON.stringify(removed) });
    }
    await this.#write(key, { status: "done" });
    log.info({ removed }, "erased a user");
  }

  /** Changes fields of the report, unless the report has expired. */
  async #write(key: string, fields: Record<string, string>): Promise<void> {
    const { redis } = this.#dependencies;
    if (await redis.exists(key)) await redis.hset(key, fields);
  }

  async #read(key: string): Promise<Report> {
    const [status, startedAtMs, removed] = await this.#dependencies.redis.hmget(
      key,
      "status",
      "startedAtMs",
      "removed",
    );
    return {
      status: status === "done" ? "done" : "running",
      startedAt: toIsoTime(startedAtMs ?? Date.now()),
      removed: JSON.parse(removed ?? "{}") as Record<string, Erased>,
    };
  }

  #keyOf(user: string): string {
    return this.#dependencies.keys.erasure(hash("sha256", user, "base64url"));
  }
}
