/** Fields as a query. An object is written as JSON. */
export function queryOf(fields: Record<string, unknown>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  );
}
