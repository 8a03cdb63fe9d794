import { z } from "zod";
import { rights } from "./access.js";

/** What a user may do on the channels that match one of the patterns. `*` matches any characters. */
export const capability = z
  .strictObject({
    channels: z
      .array(z.string().min(1).max(256))
      .max(100)
      .describe("Patterns of channel names. `*` matches any characters."),
    allow: z.array(z.enum(rights)).max(4).describe("What the user may do on these channels."),
  })
  .meta({ id: "Capability", description: "What a user may do on the channels that match the patterns." });

/** The `caps` of a token. Without `caps` the user has the rights that every user has; an empty list allows nothing. */
export const capabilities = z.array(capability).max(100);

export const role = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, "must be 1 to 64 characters of A-Z a-z 0-9 . _ : -")
  .meta({ id: "Role", description: "The role of a user, for the app." });

/** What an API key may call: `*` for everything, or the reads, the writes or both of one domain. */
export const scope = z
  .string()
  .regex(/^(\*|[a-z]{1,32}:(read|write|\*))$/, "must be *, <domain>:read, <domain>:write or <domain>:*")
  .meta({ id: "Scope", description: "`*` for everything, or the reads, the writes or both of one domain." });

/** Whether the scopes `held` include all that the scope `wanted` allows. */
export function coversScope(held: readonly string[], wanted: string): boolean {
  if (held.includes("*") || held.includes(wanted)) return true;
  const [domain, access] = wanted.split(":");
  if (access === undefined) return false;
  if (access !== "*") return held.includes(`${domain}:*`);
  return held.includes(`${domain}:read`) && held.includes(`${domain}:write`);
}
