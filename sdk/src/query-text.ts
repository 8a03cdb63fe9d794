/** The text of a query parameter. An object, such as `where`, becomes JSON. */
export function queryText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
