/** A value as the text of a query parameter: an object, such as `where`, is written as JSON. */
export function queryText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
