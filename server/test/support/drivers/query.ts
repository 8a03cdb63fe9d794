/** The query string of some fields. An object becomes JSON. */
export function queryOf(fields: Record<string, unknown>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  );
}
