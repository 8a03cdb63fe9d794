import { hash } from "node:crypto";
import { z } from "zod";
import { isWeak } from "./weak-secrets.js";

/** How `/metrics` is served. */
export interface MetricsSettings {
  /** A port of its own; null for the port of the other routes. */
  port: number | null;
  /** SHA-256 of the token that readers need, as base64url; null lets anyone read. */
  tokenDigest: string | null;
}

const FORM = "must be 16 or more printable characters without spaces";

/** The token is kept as a digest, so that the settings do not contain the token. */
export const metricsToken = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/, FORM)
  .transform((token) => ({ digest: hash("sha256", token, "base64url"), isWeak: isWeak(token) }));

export const metricsPort = z.coerce.number().pipe(z.int().min(0).max(65_535));
