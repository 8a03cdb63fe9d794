import { type DestinationStream, type Logger, pino, stdSerializers } from "pino";

/** Paths of log fields that may contain a secret. */
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

/**
 * Creates the log of a node: JSON lines, or readable lines on a terminal outside of production.
 * @param destination replaces stdout
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
  };
  if (destination) return pino(options, destination);
  return pino(isPretty ? { ...options, transport: { target: "pino-pretty" } } : options);
}

/** Removes the command from errors of ioredis, whose arguments contain user data and the password of AUTH. */
function serializeError(error: Error): object {
  const { command: _, ...serialized } = stdSerializers.err(error) as { command?: unknown };
  return serialized;
}
