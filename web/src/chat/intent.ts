import type { ShownMessage } from "@grandstand/sdk";

/** What the composer is about to do beside saying something new. */
export type Intent = { kind: "reply" | "edit"; message: ShownMessage } | null;
