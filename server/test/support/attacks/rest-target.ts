import { Agent, request } from "node:http";
import { contract } from "@grandstand/shared/contract";
import type { Operation } from "@grandstand/shared/operation";
import { jsonOf } from "./hostile.js";
import { type Attacker, aimed, type Target } from "./target.js";
import { faultOfProblem, faultOfResponse } from "./wire-form.js";

type Fields = Record<string, unknown>;

const CONNECTIONS = 8;

/** REST, where input is spread over path, query, headers and body. Operations without a REST form are left out. */
export function restTarget(port: number, attacker: Attacker): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const auth = attacker.token === null ? {} : { authorization: `Bearer ${attacker.token}` };

  function send(method: string, path: string, headers: Record<string, string>, body: string) {
    return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
      const sending = request({ port, method, path, agent, headers: { ...auth, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode!,
            type: response.headers["content-type"] ?? "",
            text: Buffer.concat(chunks).toString(),
          }),
        );
        response.on("error", reject);
      });
      sending.on("error", reject);
      sending.end(body);
    });
  }

  return {
    name: `REST as ${attacker.name}`,
    async attack({ operation, input }) {
      const form = formOf(contract[operation], input, attacker);
      if (form === null) return null;
      const { status, type, text } = await send(form.method, form.path, form.headers, form.body);
      return faultOfResponse(status, type, text, operation);
    },
    async junk(text) {
      const headers = { "content-type": "application/json" };
      const { status, type, text: answer } = await send("POST", "/v1/chat/unread", headers, text);
      const fault = status < 300 ? null : faultOfProblem(status, type, answer);
      if (fault !== null) throw new Error(`REST was sent ${JSON.stringify(text)}, and answered: ${fault}`);
    },
    close: async () => agent.destroy(),
  };
}

function formOf({ rest }: Operation, input: unknown, attacker: Attacker) {
  if (rest === null) return null;
  const isFields = typeof input === "object" && input !== null && !Array.isArray(input);
  const fields: Fields = isFields ? { ...(input as Fields) } : {};
  const path = `/v1${rest.path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const text = aimed(textOf(fields[field]), attacker);
    delete fields[field];
    return encoded(text);
  })}`;
  const headers: Record<string, string> = {};
  if (typeof fields.idempotencyKey === "string" && /^[\x21-\x7e]+$/.test(fields.idempotencyKey)) {
    headers["idempotency-key"] = fields.idempotencyKey;
    delete fields.idempotencyKey;
  }
  if (rest.method === "GET" || rest.method === "DELETE") {
    const query = Object.entries(fields).map(
      ([field, value]) => `${encoded(field)}=${encoded(aimed(textOf(value), attacker))}`,
    );
    // Longer ones are no requests for Node's parser.
    return { method: rest.method, path: `${path}?${query.join("&")}`.slice(0, 12_000), headers, body: "" };
  }
  const body = aimed(jsonOf(isFields ? fields : input), attacker);
  return { method: rest.method, path, headers: { ...headers, "content-type": "application/json" }, body };
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : jsonOf(value);
}

/** Percent-encoded, what has no UTF-8 by the bytes that it would have. */
function encoded(text: string): string {
  return [...text.slice(0, 2_000)]
    .map((character) => (/\p{Cs}/u.test(character) ? "%ED%A0%80" : encodeURIComponent(character)))
    .join("");
}
