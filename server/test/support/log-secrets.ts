import { Writable } from "node:stream";
import type { Logger } from "pino";
import { createLog } from "../../src/ops/log.js";

/** Tokens of sessions, secrets of stored keys, and signed JWTs. */
const ISSUED = /gs[sk]_[\w-]{20,}|eyJ[\w-]{10,}\.[\w-]+\.[\w-]{10,}/;
/** Settings whose value contains secrets, some as `name:secret` or as a list. */
const SECRET_SETTINGS = /_(?:API_KEYS|SECRET|TOKEN|PASSWORD)$/;

/** Checks the log of a node in a test: no line may contain a secret that the node uses. */
export class LogSecrets {
  readonly #secrets = new Set<string>();
  readonly #leaks: string[] = [];

  /** @param settings the settings of the node */
  constructor(settings: Record<string, string>) {
    for (const [name, value] of Object.entries(settings)) {
      if (SECRET_SETTINGS.test(name)) {
        for (const part of value.split(",")) this.add(part.replace(/^[\w.-]+:(?:sha256:)?/, ""));
      }
      if (name === "REDIS_URL") this.add(passwordIn(value));
    }
  }

  add(secret: string): void {
    if (secret.trim() !== "") this.#secrets.add(secret.trim());
  }

  /** A log at the level `debug` whose lines are checked and dropped. */
  log(): Logger {
    const sink = new Writable({
      write: (line, _encoding, done) => {
        this.check(String(line));
        done();
      },
    });
    return createLog({ level: "debug", isPretty: false }, sink);
  }

  check(line: string): void {
    const isLeak = ISSUED.test(line) || [...this.#secrets].some((secret) => line.includes(secret));
    if (isLeak) this.#leaks.push(line);
  }

  /** @throws when a line contained a secret */
  assertNone(): void {
    if (this.#leaks.length > 0)
      throw new Error(`The log contains secrets:\n${this.#leaks.slice(0, 5).join("\n")}`);
  }
}

function passwordIn(url: string): string {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).password) : "";
}
