import { Agent, request } from "node:http";
import { contract } from "@grandstand/shared/contract";
import type { Operation } from "@grandstand/shared/operation";
import { jsonOf } from "./hostile-values.js";
import { violationInProblem, violationInResponse } from "./reply-checks.js";
import { type Attacker, type Target, withOwnId } from "./target.js";

type Fields = Record<string, unknown>;

const CONNECTIONS = 8;

/** Attacks over REST: the input is spread over path, query, headers and body. Operations without REST are skipped. */
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
      // An empty id at the end of a path leaves a trailing slash, which names another route.
      const isOtherRoute = form.path.split("?")[0]!.endsWith("/");
      if (isOtherRoute) return status < 300 || status === 405 ? null : violationInProblem(status, type, text);
      return violationInResponse(status, type, text, operation);
    },
    async sendGarbage(text) {
      const headers = { "content-type": "application/json" };
      const { status, type, text: reply } = await send("POST", "/v1/chat/unread", headers, text);
      const violation = status < 300 ? null : violationInProblem(status, type, reply);
      if (violation !== null) throw new Error(`The REST response to ${JSON.stringify(text)}: ${violation}`);
    },
    close: async () => agent.destroy(),
  };
}

function formOf({ rest }: Operation, input: unknown, attacker: Attacker) {
  if (rest === null) return null;
  const isFields = typeof input === "object" && input !== null && !Array.isArray(input);
  const fields: Fields = isFields ? { ...(input as Fields) } : {};
  const path = `/v1${rest.path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const text = withOwnId(textOf(fields[field]), attacker);
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
      ([field, value]) => `${encoded(field)}=${encoded(withOwnId(textOf(value), attacker))}`,
    );
    // Node's HTTP parser accepts at most 16 KiB for the request line and all headers.
    return { method: rest.method, path: `${path}?${query.join("&")}`.slice(0, 12_000), headers, body: "" };
  }
  const body = withOwnId(jsonOf(isFields ? fields : input), attacker);
  return { method: rest.method, path, headers: { ...headers, "content-type": "application/json" }, body };
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : jsonOf(value);
}

/** Percent-encodes text. A lone surrogate becomes bytes that are not valid UTF-8. */
function encoded(text: string): string {
  return [...text.slice(0, 2_000)]
    .map((character) => (/\p{Cs}/u.test(character) ? "%ED%A0%80" : encodeURIComponent(character)))
    .join("");
}
