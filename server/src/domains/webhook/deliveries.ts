import type { WebhookDelivery } from "@grandstand/shared/operations/webhook";
import type { Erased, ExportedPart } from "../shared/erasure.js";

export type DeliveryState = WebhookDelivery["state"];

/** The deliveries of webhooks, as the operations read and change them. */
export interface Deliveries {
  list(
    webhook: string,
    state: DeliveryState,
    first: number,
    limit: number,
  ): Promise<{ deliveries: WebhookDelivery[]; counts: Record<DeliveryState, number> }>;
  /**
   * Makes finished deliveries pending again, at most `limit`.
   * @param ids the deliveries; null for all dead letters
   */
  replay(
    webhook: string,
    ids: readonly string[] | null,
    limit: number,
  ): Promise<{ replayed: number; unknown: string[] }>;
  /** Removes the queue of a deleted webhook. */
  remove(webhook: string): Promise<void>;
  /** Removes the deliveries of events that name a user. */
  eraseUser(user: string): Promise<Erased>;
  /** Reads the deliveries of events that name a user. @param cursor "" for the first part */
  exportUser(user: string, cursor: string): Promise<ExportedPart>;
}
