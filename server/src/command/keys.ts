import type { ApiSession } from "./api-session.js";
import { table } from "./table.js";
import { UsageError } from "./usage-error.js";

export interface KeyOptions {
  scope?: string[] | undefined;
  expires?: string | undefined;
}

/** @returns what to print, as `text` and as `json` */
export async function keys(session: ApiSession, words: string[], { scope, expires }: KeyOptions) {
  const [action, subject, ...rest] = words;
  if (rest.length > 0) throw wrongUse();
  if (action === "make" && subject !== undefined) {
    const made = await session.call("key.create", {
      name: subject,
      ...(scope && { scopes: scope as ["*"] }),
      ...(expires !== undefined && { expiresAt: expires }),
    });
    return {
      json: made,
      text: `${made.secret}\nThis is the only time that the secret is shown. Its id is ${made.key.id}.`,
    };
  }
  if (action === "list" && subject === undefined) {
    const listed = await session.call("key.list", {});
    const rows = listed.keys.map(({ id, name, scopes, createdAt, expiresAt }) => [
      name,
      id,
      scopes.join(" "),
      createdAt,
      expiresAt ?? "never",
    ]);
    return { json: listed, text: table([["NAME", "ID", "SCOPES", "CREATED", "EXPIRES"], ...rows]) };
  }
  if (action === "revoke" && subject !== undefined) {
    const revoked = await session.call("key.revoke", { key: subject });
    return { json: revoked, text: `Revoked ${revoked.key} at ${revoked.revokedAt}` };
  }
  throw wrongUse();
}

function wrongUse(): UsageError {
  return new UsageError("keys needs an action: make <name>, list or revoke <id>");
}
