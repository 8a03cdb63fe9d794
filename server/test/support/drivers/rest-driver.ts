import { contract, type OperationName } from "@grandstand/shared/contract";
import type { Ack } from "@grandstand/shared/frames";
import type { Operation } from "@grandstand/shared/operation";
import type { Driver } from "./driver.js";
import { queryOf } from "./query.js";

/** Calls operations over HTTP. The contract defines the method and path of each operation. */
export const restDriver: Driver = {
  name: "REST",
  open: async (url, token) => ({
    call: (operation, input = {}) => call(url, token, operation as OperationName, input as Fields),
    close: async () => {},
  }),
};

type Fields = Record<string, unknown>;

async function call(url: string, token: string | null, name: OperationName, input: Fields): Promise<Ack> {
  const { method, path } = (contract[name] as Operation).rest!;
  const { idempotencyKey, ...fields } = input;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = fields[field];
    delete fields[field];
    return encodeURIComponent(String(value));
  });
  const takesQuery = method === "GET" || method === "DELETE";
  const query = queryOf(fields);
  const response = await fetch(`${url}/v1${filled}${takesQuery ? `?${query}` : ""}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(idempotencyKey !== undefined && { "idempotency-key": String(idempotencyKey) }),
      ...(!takesQuery && { "content-type": "application/json" }),
    },
    ...(!takesQuery && { body: JSON.stringify(fields) }),
  });
  const answer = await response.json();
  if (response.ok) return { ok: true, data: answer };
  const { code, detail, issues, retryAfterMs } = answer;
  const error = { code, message: detail, ...(issues && { issues }), ...(retryAfterMs && { retryAfterMs }) };
  return { ok: false, error };
}
