import type { OutputOf } from "@grandstand/shared/contract";
import type { UserDataDomain } from "../shared/erasure.js";
import { notOurCursor } from "../shared/id-index.js";

/**
 * Reads one part of what is stored about a user. All parts of
 * one domain come before those of the next domain.
 * @param cursor the `nextCursor` of the part before; undefined for the first part
 * @throws {GrandstandError} `bad_request` for a cursor that names no domain, or that the domain refuses
 */
export async function exportUser(
  domains: Record<string, UserDataDomain>,
  user: string,
  cursor: string | undefined,
): Promise<OutputOf<"user.export">> {
  const names = Object.keys(domains).filter((name) => domains[name]!.exportUser !== undefined);
  const [name, inner] = cursor === undefined ? [names[0]!, ""] : decode(cursor, names);
  const { lines, nextCursor } = await domains[name]!.exportUser!(user, inner);
  const content = lines.map((line) => `${JSON.stringify({ domain: name, ...line })}\n`).join("");
  const next = names[names.indexOf(name) + 1];
  if (nextCursor !== null) return { content, nextCursor: encode(name, nextCursor) };
  return { content, nextCursor: next === undefined ? null : encode(next, "") };
}

function encode(name: string, inner: string): string {
  return Buffer.from(`${name} ${inner}`).toString("base64url");
}

function decode(cursor: string, names: string[]): [name: string, inner: string] {
  const text = Buffer.from(cursor, "base64url").toString();
  const space = text.indexOf(" ");
  const name = text.slice(0, space);
  if (!names.includes(name)) throw notOurCursor();
  return [name, text.slice(space + 1)];
}
