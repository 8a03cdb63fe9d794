import type { Webhook } from "@grandstand/shared/operations/webhook";
import { choosableEvents, type WebhookEventName } from "@grandstand/shared/webhook-events";
import { fitsPattern } from "../../authz/channel-pattern.js";
import { toIsoTime } from "../../core/iso-time.js";
import { derivedSecret } from "../../outbound/signature.js";
import type { EventOptions } from "../shared/queued-event.js";

/** The id of the webhook of `GRANDSTAND_WEBHOOK_URL`. */
export const SETTINGS_ID = "settings";

/** One receiver of events. */
export interface Endpoint extends EventOptions {
  id: string;
  url: URL;
  /** Null for all events. */
  events: readonly WebhookEventName[] | null;
  /**
   * Patterns such as `team-*` for the ids of boards, rooms, counters and users. The webhook receives only events of matching
   * ids. Null for all ids.
   */
  ids: readonly string[] | null;
  isEnabled: boolean;
  /** In ms since 1970; null for the webhook in the settings. */
  createdAtMs: number | null;
  /** Whether the URL is from the settings. The sender calls such a URL even if its address is not public. */
  isTrusted: boolean;
  /** Each secret adds one signature to a delivery. */
  secrets: readonly string[];
}

/** The fields of a webhook as stored in Redis. */
export interface StoredEndpoint {
  url: string;
  events: WebhookEventName[] | null;
  ids: string[] | null;
  top: number;
  enabled: boolean;
  createdAt: string;
}

export function storedEndpointOf(id: string, text: string, secrets: readonly string[]): Endpoint {
  const { url, events, ids, top, enabled, createdAt } = JSON.parse(text) as StoredEndpoint;
  return {
    id,
    url: new URL(url),
    events,
    ids,
    top,
    isEnabled: enabled,
    createdAtMs: Number(createdAt),
    isTrusted: false,
    secrets: secrets.map((secret) => derivedSecret(secret, id)),
  };
}

export function settingsEndpoint(url: URL, secrets: readonly string[]): Endpoint {
  return {
    id: SETTINGS_ID,
    url,
    events: null,
    ids: null,
    top: 10,
    isEnabled: true,
    createdAtMs: null,
    isTrusted: true,
    secrets,
  };
}

/** A webhook as callers receive it. */
export function webhookOf(endpoint: Endpoint): Webhook {
  return {
    id: endpoint.id,
    url: endpoint.url.href,
    events: [...(endpoint.events ?? choosableEvents)],
    ids: [...(endpoint.ids ?? ["*"])],
    top: endpoint.top,
    enabled: endpoint.isEnabled,
    createdAt: endpoint.createdAtMs === null ? null : toIsoTime(endpoint.createdAtMs),
  };
}

/** Whether a webhook receives an event of the board, room, counter or user `id`. */
export function wantsEvent(
  { events, ids, isEnabled }: Endpoint,
  event: WebhookEventName,
  id: string,
): boolean {
  if (!isEnabled || (events !== null && !events.includes(event))) return false;
  return ids === null || ids.some((pattern) => fitsPattern(pattern, id));
}
