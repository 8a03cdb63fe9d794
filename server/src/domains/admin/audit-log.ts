import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { Auditor, OperatorAction } from "../../core/auditor.js";
import { toIsoTime } from "../../core/iso-time.js";
import { runScript } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { pageAt } from "../shared/redis-cursor.js";
import { recordAuditScript } from "./scripts.js";

const KEEP_MS = 90 * 86_400_000;
const MAX_ENTRIES = 100_000;
const MAX_TEXT = 200;
const MAX_INPUT = 1_000;
/** Fields whose value must not be stored. */
const SECRET = /^(token|secret|idempotencyKey)$/i;

/** The actions of operators in the console with their outcomes, in a stream of Redis. */
export class AuditLog implements Auditor {
  readonly #stores: Pick<DomainDependencies, "redis" | "keys" | "log">;

  constructor(stores: Pick<DomainDependencies, "redis" | "keys" | "log">) {
    this.#stores = stores;
  }

  /**
   * Records an action, also in the node's log. Never rejects,
   * because the action has already been carried out.
   */
  async record({ key, address, operation, input, outcome }: OperatorAction): Promise<void> {
    const { redis, keys, log } = this.#stores;
    const shown = shortened(input);
    log.info({ key, address, operation, input: shown, outcome }, "an operator acted in the console");
    const args = { keyName: key, address, operation, input: shown, outcome };
    try {
      await runScript(redis, recordAuditScript, keys.admin, {
        ...args,
        keepMs: KEEP_MS,
        maxEntries: MAX_ENTRIES,
      });
    } catch (error) {
      log.error({ err: error, operation }, "an action of an operator could not be written to the audit log");
    }
  }

  async list({ limit, cursor }: ParsedInputOf<"admin.audit">): Promise<OutputOf<"admin.audit">> {
    const { redis, keys } = this.#stores;
    const newest = cursor === undefined ? "+" : `(${cursor}`;
    const found = await pageAt(redis.xrevrange(keys.admin.audit, newest, "-", "COUNT", limit + 1));
    const page = found.slice(0, limit);
    const entries = page.map(([id, fields]) => {
      const field = (name: string) => fields[fields.indexOf(name) + 1] ?? "";
      return {
        id,
        at: toIsoTime(id.slice(0, id.indexOf("-"))),
        key: field("key"),
        address: field("address"),
        operation: field("operation"),
        input: field("input"),
        outcome: field("outcome"),
      };
    });
    return { entries, nextCursor: found.length > limit ? page.at(-1)![0] : null };
  }
}

/** The input as JSON, without secrets and with short texts. */
function shortened(input: unknown): string {
  const text =
    JSON.stringify(input, (name, value: unknown) => {
      if (SECRET.test(name)) return "(left out)";
      if (typeof value !== "string" || value.length <= MAX_TEXT) return value;
      return `${value.slice(0, MAX_TEXT)}… (${value.length} characters)`;
    }) ?? "";
  return text.length <= MAX_INPUT ? text : `${text.slice(0, MAX_INPUT)}…`;
}
