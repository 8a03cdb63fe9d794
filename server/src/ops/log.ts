import { type DestinationStream, type LogFn, type Logger, pino } from "pino";
import { isRedisUnavailable } from "../redis/faults.js";

/** The paths in a logged object at which a secret may be. */
const secretPaths = [
  "authorization",
  "token",
  "secret",
  "password",
  "headers.authorization",
  'headers["x-api-key"]',
  "headers.cookie",
  "*.token",
  "*.secret",
  "*.password",
];

const DEBUG = 20;
const MAX_CAUSES = 5;

/**
 * The node's log: JSON lines, or readable lines on a terminal outside of production. Errors of an outage of Redis are
 * logged at `debug`, because `OutageLog` (outage-log.ts) and `RedisHealth` (health.ts) warn of each outage once.
 * @param destination receives the lines instead of stdout
 */
export function createLog(
  { level, isPretty }: { level: string; isPretty: boolean },
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: null,
    redact: { paths: secretPaths, censor: "[redacted]" },
    serializers: { err: serializeError },
    hooks: {
      logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn, lineLevel: number): void {
        const [first] = args as unknown[];
        if (lineLevel > DEBUG && isOutage(first)) this.debug(...args);
        else method.apply(this, args);
      },
    },
  };
  if (destination) return pino(options, destination);
  return pino(isPretty ? { ...options, transport: { target: "pino-pretty" } } : options);
}

function isOutage(first: unknown): boolean {
  return typeof first === "object" && first !== null && "err" in first && isRedisUnavailable(first.err);
}

interface SerializedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: SerializedError;
}

/**
 * Returns those fields of an error that may be logged. Other fields may contain user data:
 * ioredis adds the command with its arguments, and Node the rejected input.
 */
function serializeError(error: unknown, depth = 0): SerializedError | undefined {
  if (!(error instanceof Error) || depth === MAX_CAUSES) return undefined;
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  const serializedCause = serializeError(cause, depth + 1);
  return {
    type: name,
    message,
    ...((typeof code === "string" || typeof code === "number") && { code }),
    ...(stack !== undefined && { stack }),
    ...(serializedCause && { cause: serializedCause }),
  };
}
