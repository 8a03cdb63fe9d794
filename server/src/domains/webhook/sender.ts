import type { WebhookEventName } from "@grandstand/shared/webhook-events";
import { toIsoTime } from "../../core/iso-time.js";
import { AddressGuard, RefusedAddress } from "../../outbound/address-guard.js";
import { Outbound } from "../../outbound/request.js";
import { signatureHeaders } from "../../outbound/signature.js";
import type { Endpoint } from "./endpoint.js";

/** At most this many bytes of a response are read, because only the status matters. */
const RESPONSE_BYTES = 16_384;

/** The outcome of one attempt. */
export interface Attempt {
  /** The status of the response; null if there was no response. */
  status: number | null;
  /** Why the message was not delivered; null when it was. */
  reason: string | null;
  /** Whether the receiver answered 410, which asks for no further attempt. */
  isFinal: boolean;
  durationMs: number;
}

export interface Message {
  /** The id of the delivery: the same in each attempt. */
  id: string;
  event: WebhookEventName;
  atMs: number;
  data: object;
}

/** Sends deliveries to receivers, one attempt at a time. */
export class WebhookSender {
  readonly #guarded: Outbound;
  readonly #trusted = new Outbound(null);
  readonly #guard: AddressGuard;

  /** @param allowedRanges addresses that are not public, to which webhooks may go nevertheless */
  constructor(allowedRanges: readonly string[]) {
    this.#guard = new AddressGuard(allowedRanges);
    this.#guarded = new Outbound(this.#guard);
  }

  /**
   * Whether the URL contains an IP address to which webhooks may not go. False for a host name: each delivery checks the
   * addresses of the host name.
   */
  refuses(url: URL): boolean {
    try {
      this.#guard.checkLiteral(url);
      return false;
    } catch (error) {
      if (error instanceof RefusedAddress) return true;
      throw error;
    }
  }

  /** Makes one attempt. Never rejects: the result says why the attempt failed. */
  async send(
    { url, isTrusted, secrets }: Endpoint,
    { id, event, atMs, data }: Message,
    timeoutMs: number,
    { signal, traceparent }: { signal?: AbortSignal; traceparent?: string | undefined } = {},
  ): Promise<Attempt> {
    const body = JSON.stringify({ type: event, timestamp: toIsoTime(atMs), data });
    const startedAt = performance.now();
    const outcome = (status: number | null, reason: string | null): Attempt => ({
      status,
      reason,
      isFinal: status === 410,
      durationMs: Math.round(performance.now() - startedAt),
    });
    try {
      const { status } = await (isTrusted ? this.#trusted : this.#guarded).send({
        method: "POST",
        url,
        headers: {
          "content-type": "application/json",
          ...(traceparent !== undefined && { traceparent }),
          ...signatureHeaders(secrets, id, body),
        },
        body,
        timeoutMs,
        limitBytes: RESPONSE_BYTES,
        ...(signal && { signal }),
      });
      return outcome(status, refusalOf(status));
    } catch (error) {
      return outcome(null, reasonOf(error));
    }
  }

  close(): void {
    this.#guarded.close();
    this.#trusted.close();
  }
}

function refusalOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  const isRedirect = status >= 300 && status < 400;
  return `the receiver answered ${status}${isRedirect ? "; redirects are not followed" : ""}`;
}

/**
 * Describes a failed connection only by the code of the error, because the message
 * may quote what the receiver sent. Errors without a code come from `Outbound` itself.
 */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : `the connection failed: ${code}`;
}
