/** The output of an operation, encoded as JSON already, so that a transport need not encode it. */
export class EncodedResult {
  /** UTF-8. */
  readonly json: Buffer;
  /** The entity tag of `json`, in quotes. */
  readonly etag: string;

  constructor(json: Buffer, etag: string) {
    this.json = json;
    this.etag = etag;
  }
}

/**
 * Whether a header `If-None-Match` names an entity tag. Proxies that compress a response mark its tag as weak:
 * `W/"..."`.
 */
export function namesTag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag) return true;
  return ifNoneMatch.split(",").some((one) => {
    const tag = one.trim();
    return tag === "*" || (tag.startsWith("W/") ? tag.slice(2) : tag) === etag;
  });
}
