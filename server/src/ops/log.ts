import { type DestinationStream, type Logger, pino, stdSerializers } from "pino";

/** Where a secret can stand in what is logged. */
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
 * The node's log: JSON lines, or readable ones on a terminal outside of production.
 * @param destination where the lines go instead of stdout
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

/** ioredis puts the command with its arguments into its errors: users' data, and passwords of AUTH. */
function serializeError(error: Error): object {
  const { command: _, ...serialized } = stdSerializers.err(error) as { command?: unknown };
  return serialized;
}
