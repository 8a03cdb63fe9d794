import { limits } from "@grandstand/shared/limits";
import { z } from "zod";

/** Points per window, counted over all nodes. */
export interface QuotaSettings {
  points: number;
  windowSeconds: number;
}

/** The limits that `GRANDSTAND_LIMITS` sets. Null means no limit. */
export interface LimitSettings {
  /** The quota of one user. */
  user: QuotaSettings | null;
  /** The quota of one API key. */
  apiKey: QuotaSettings | null;
  /** The quota of one address, for opening connections and for calls without credentials. */
  address: QuotaSettings | null;
  /** How many refused credentials one address may present. */
  failures: QuotaSettings | null;
  /** The token bucket of one connection, on its node. */
  connection: { burst: number; perSecond: number } | null;
  /** The most connections on one node. `waitingPerAddress` limits connections of one address that are not authenticated yet. */
  connections: {
    perUser: number;
    perAddress: number;
    perNode: number;
    waitingPerAddress: number;
    /** Connections that one node admits in a second. */
    perSecond: number;
  } | null;
  channelsPerConnection: number;
  /** How many resources, such as rooms, one user may create. The first use of a resource creates it. */
  creations: QuotaSettings | null;
}

const MAX_POINTS = 1_000_000_000;
const MAX_WINDOW_SECONDS = 86_400;

/** A whole number, with an error text for settings. */
function whole(fallback: number, max: number) {
  const words = `must be a whole number from 1 to ${max}`;
  return z.int({ error: words }).min(1, words).max(max, words).default(fallback);
}

function quota(points: number, windowSeconds: number) {
  return z.strictObject({
    points: whole(points, MAX_POINTS),
    windowSeconds: whole(windowSeconds, MAX_WINDOW_SECONDS),
  });
}

/**
 * `"off"`, or a value of `schema`.
 * @param otherwise the default
 */
function orOff<T extends z.ZodType>(schema: T, otherwise: unknown = {}) {
  return z
    .unknown()
    .transform((value, context): z.output<T> | null => {
      if (value === "off") return null;
      const parsed = schema.safeParse(value, { error: describe, reportInput: true });
      if (parsed.success) return parsed.data;
      context.issues.push(...(parsed.error.issues as z.core.$ZodRawIssue[]));
      return z.NEVER;
    })
    .prefault(otherwise);
}

const describe: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_type") return 'must be "off" or an object';
  if (issue.code === "unrecognized_keys") return `has no part ${issue.keys.join(", ")}`;
  return undefined;
};

const parts = z.strictObject({
  user: orOff(quota(6_000, 60)),
  // Off by default, because one API key makes the calls for all users of an app.
  apiKey: orOff(quota(60_000, 60), "off"),
  address: orOff(quota(1_200, 60)),
  failures: orOff(quota(200, 60)),
  connection: orOff(z.strictObject({ burst: whole(400, MAX_POINTS), perSecond: whole(60, MAX_POINTS) })),
  connections: orOff(
    z.strictObject({
      perUser: whole(50, 1_000_000),
      perAddress: whole(500, 1_000_000),
      perNode: whole(20_000, 1_000_000),
      waitingPerAddress: whole(100, 1_000_000),
      perSecond: whole(2_000, 1_000_000),
    }),
  ),
  channelsPerConnection: whole(limits.channelsPerConnection, 10_000),
  creations: orOff(quota(1_000, 3_600)),
});

/** The limits with `GRANDSTAND_LIMITS=off`: only the number of channels of a connection is limited. */
const unlimited: LimitSettings = {
  user: null,
  apiKey: null,
  address: null,
  failures: null,
  connection: null,
  connections: null,
  channelsPerConnection: limits.channelsPerConnection,
  creations: null,
};

/** `off`, or JSON with the values that differ from the defaults. */
export const limitSettings = z.string().transform((text, context): LimitSettings => {
  if (text === "off") return unlimited;
  const parsed = parts.safeParse(asJson(text), { error: describe, reportInput: true });
  if (parsed.success) return parsed.data;
  context.issues.push(...(parsed.error.issues as z.core.$ZodRawIssue[]));
  return z.NEVER;
});

/** If the text is not JSON, returns the text itself. The schema refuses it, because it requires an object. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
