import { GrandstandError } from "@grandstand/shared/errors";

/** @throws {GrandstandError} `bad_request` naming an option that does not exist */
export function checkOptions(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw wrongOption(name, `is not an option; the options are ${known.join(", ")}`);
  }
}

/**
 * The address of the REST API, such as `https://play.example.com/v1`.
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
