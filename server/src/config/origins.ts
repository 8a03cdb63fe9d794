import { z } from "zod";

const HOST = String.raw`(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?`;
const shape = new RegExp(String.raw`^[a-z][a-z0-9+.-]*://(?:\*\.)?${HOST}$`);

/**
 * The origin of a page, such as `https://example.com` or `capacitor://localhost`. `*` may stand for the first label of
 * the host: `https://*.example.com` allows `https://eu.example.com`, but neither `https://example.com` nor
 * `https://a.eu.example.com`.
 */
export const origin = z
  .string()
  .refine(
    isOrigin,
    "must be origins, as https://example.com, https://*.example.com or capacitor://localhost",
  );

function isOrigin(text: string): boolean {
  if (!shape.test(text) || text.startsWith("file:")) return false;
  if (!/^https?:/.test(text)) return true;
  // Browsers send the normalised form, without a default port.
  const example = text.replace("*.", "a.");
  return URL.canParse(example) && new URL(example).origin === example;
}

/** What an `Origin` header is compared with. */
export function originRule(text: string): string | RegExp {
  if (!text.includes("*")) return text;
  const [before, after] = text
    .split("*")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${before}[a-z0-9-]+${after}$`);
}
