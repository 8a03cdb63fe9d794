import { z } from "zod";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { scope } from "../rights.js";

const keyId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, "must be the id of an API key")
  .meta({ id: "ApiKeyId", description: "The id of an API key." });

const keyName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "must be 1 to 64 characters of A-Z a-z 0-9 . _ - and begin with a letter or a digit",
  );

/** An API key without its secret. */
export const apiKey = z
  .object({
    id: keyId,
    name: keyName.describe("The name of the key."),
    scopes: z.array(scope).describe("What the key may do."),
    createdAt: timestamp.describe("When it was created."),
    expiresAt: timestamp.nullable().describe("When the key expires; null when it has no end."),
  })
  .meta({ id: "ApiKey", description: "An API key without its secret." });

export const keyOperations = defineOperations({
  "key.create": {
    summary: "Make an API key; the secret is shown this once",
    rest: { method: "POST", path: "/keys", status: 201 },
    callers: "server",
    access: "write",
    // Its answer is a secret, as that of `session.create`.
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      name: keyName.describe(
        "The name of the caller in logs. A name can be used again only by a key of that name, or by one with all scopes.",
      ),
      scopes: z
        .array(scope)
        .min(1)
        .max(limits.scopesPerKey)
        .default(["*"])
        .describe("What the key may do: at most what the key that creates it may do."),
      expiresAt: timestamp.optional().describe("When the key expires. No end when not given."),
    }),
    output: z.object({
      key: apiKey.describe("The key without its secret."),
      secret: z.string().describe("The secret. It is shown only here."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "key.list": {
    summary: "The API keys that were made here, without those of the settings",
    rest: { method: "GET", path: "/keys" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 5,
    input: z.strictObject({}),
    output: z.object({ keys: z.array(apiKey).describe("The keys.") }),
    errors: [],
  },
  "key.revoke": {
    summary: "End an API key, and close its connections",
    rest: { method: "DELETE", path: "/keys/{key}" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 2,
    input: z.strictObject({ key: keyId }),
    output: z.object({ key: keyId, revokedAt: timestamp.describe("When it was revoked.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type ApiKey = z.infer<typeof apiKey>;
