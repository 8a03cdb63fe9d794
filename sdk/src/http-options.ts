import { GrandstandError } from "@grandstand/shared/errors";

/** Checks of options that an app writes once: a mistake is an error at the start, not a call that never works. */

/** @throws {GrandstandError} `bad_request` naming an option that does not exist */
export function checkOptions(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw wrongOption(name, `is not an option; the options are ${known.join(", ")}`);
  }
}

/**
 * The address under which all REST routes are.
 * @throws {GrandstandError} `bad_request` when `url` is not an http or https address
 */
export function endpointOf(url: unknown): string {
  if (typeof url !== "string" || !/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw wrongOption("url", "must be an http or https address, such as https://play.example.com");
  }
  return `${url.replace(/\/+$/, "")}/v1`;
}

export function wrongOption(path: string, message: string): GrandstandError {
  return new GrandstandError("bad_request", `${path} ${message}`, {
    issues: [{ path, rule: "option", message }],
  });
}
