import { hash, randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { HookName, HookSettings } from "../config/hooks.js";
import type { Tracer } from "../observer/tracer.js";
import { Outbound } from "../outbound/request.js";
import { signatureHeaders } from "../outbound/signature.js";
import { type HookAnswer, readAnswer } from "./answer.js";
import type { AnyQuestion, HookSource } from "./source.js";

const ANSWER_BYTES = 65_536;
const CACHE_BYTES = 16 * 1_048_576;
/** The approximate memory of a cache entry besides the text of the answer. */
const ENTRY_BYTES = 200;
/** The greatest number of connections. Further questions wait; the wait counts against their timeout. */
const MAX_CONNECTIONS = 128;

/** Asks the app's backend over HTTP. An answer with `cacheSeconds` is reused for the same question. */
export class HttpHooks implements HookSource {
  readonly name = "http";
  readonly #url: URL;
  readonly #settings: HookSettings;
  readonly #tracer: Tracer | undefined;
  // Null: no address guard. The operator configured the URL, so the URL may point into a private network.
  readonly #outbound = new Outbound(null, MAX_CONNECTIONS);
  readonly #cache = new LRUCache<string, HookAnswer>({ maxSize: CACHE_BYTES });

  constructor(url: URL, settings: HookSettings, tracer: Tracer | undefined) {
    this.#url = url;
    this.#settings = settings;
    this.#tracer = tracer;
  }

  has(hook: HookName): boolean {
    return this.#settings.names.includes(hook);
  }

  async ask(question: AnyQuestion): Promise<HookAnswer> {
    const body = JSON.stringify(question);
    const key = hash("sha256", body, "base64url");
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const { secrets, timeoutMs } = this.#settings;
    const traceparent = this.#tracer?.traceparent;
    const {
      status,
      body: text,
      isCut,
    } = await this.#outbound.send({
      method: "POST",
      url: this.#url,
      headers: {
        "content-type": "application/json",
        ...(traceparent !== undefined && { traceparent }),
        ...signatureHeaders(secrets, `hook_${randomUUID()}`, body),
      },
      body,
      timeoutMs,
      limitBytes: ANSWER_BYTES,
    });
    if (status === 204) return {};
    if (status !== 200) throw new Error(`the hook answered with the status ${status}`);
    if (isCut) throw new Error(`the hook answered with more than ${ANSWER_BYTES} bytes`);
    const answer = readAnswer(parse(text));
    const ttl = (answer.cacheSeconds ?? 0) * 1_000;
    if (ttl > 0) this.#cache.set(key, answer, { ttl, size: text.length + ENTRY_BYTES });
    return answer;
  }

  close(): void {
    this.#outbound.close();
  }
}

/** @throws {Error} for text that is not a JSON object */
function parse(text: string): object {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null) return answer;
  } catch {
    // The error of JSON.parse quotes the text, so it must not be logged. The error below replaces it.
  }
  throw new Error("the hook's answer is not a JSON object");
}
