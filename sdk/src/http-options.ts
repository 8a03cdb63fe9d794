/** Checks of options that an app writes once: a mistake is an error at the start, not a call that never works. */

/** @throws {TypeError} naming an option that does not exist */
export function checkOptions(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new TypeError(`${name} is no option: there are ${known.join(", ")}`);
  }
}

/** The address under which all REST routes are. @throws {TypeError} when `url` is not an http or https address */
export function endpointOf(url: unknown): string {
  if (typeof url !== "string" || !/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new TypeError("url must be an http or https address, such as https://play.example.com");
  }
  return `${url.replace(/\/+$/, "")}/v1`;
}
