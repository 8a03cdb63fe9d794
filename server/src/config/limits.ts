import { limits } from "@grandstand/shared/limits";
import { z } from "zod";

/** So many points in each window, counted over all nodes. */
export interface QuotaSettings {
  points: number;
  windowSeconds: number;
}

/** What `GRANDSTAND_LIMITS` says. Null is no limit. */
export interface LimitSettings {
  /** Of one user. */
  user: QuotaSettings | null;
  /** Of one API key. */
  apiKey: QuotaSettings | null;
  /** Of one address: connections that begin, calls without credentials. */
  address: QuotaSettings | null;
  /** Of one address: credentials that were refused. */
  failures: QuotaSettings | null;
  /** Of one connection, on its node: it may save up `burst` points and gets `perSecond`. */
  connection: { burst: number; perSecond: number } | null;
  /**
   * How many connections there may be at once on a node; `waiting` are those of an address that nobody stands for yet.
   */
  connections: { perUser: number; perAddress: number; perNode: number; waitingPerAddress: number } | null;
  channelsPerConnection: number;
  /** Of one user: resources that come into being by use, such as rooms. */
  creations: QuotaSettings | null;
}

const MAX_POINTS = 1_000_000_000;
const MAX_WINDOW_SECONDS = 86_400;

/** A whole number, in words of the settings' own. */
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
 * `"off"`, or what `schema` takes.
 * @param otherwise what it is when nothing is said
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
  // An app's own servers call for all of its users.
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
    }),
  ),
  channelsPerConnection: whole(limits.channelsPerConnection, 10_000),
  creations: orOff(quota(1_000, 3_600)),
});

/** Nothing is limited but the channels of a connection, which CH8 bounds in any case. */
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

/** `off`, or JSON with what differs from the defaults. */
export const limitSettings = z.string().transform((text, context): LimitSettings => {
  if (text === "off") return unlimited;
  const parsed = parts.safeParse(asJson(text), { error: describe, reportInput: true });
  if (parsed.success) return parsed.data;
  context.issues.push(...(parsed.error.issues as z.core.$ZodRawIssue[]));
  return z.NEVER;
});

/** What is no JSON stays text, which is no object either. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
