import type { RestOperationName } from "@grandstand/shared/contract";

/** The operations of a server client: all with a REST route but those for operators. */
export type ServerOperationName = Exclude<RestOperationName, `admin.${string}` | `webhook.${string}`>;
