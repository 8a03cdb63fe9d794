import { type CloseReason, closeCodes } from "./close-codes.js";

const texts: Readonly<Record<CloseReason, string>> = {
  connectTimeout: "no connect frame in time",
  tokenExpired: "token expired",
  slowConsumer: "slow consumer",
  draining: "draining",
  badFrames: "too many unreadable frames",
  revoked: "revoked",
  unauthenticated: "credentials refused",
  forbidden: "forbidden",
  abuse: "abuse",
};

/** The code and the text with which the server closes a connection. */
export function closeDetails(reason: CloseReason): { code: number; reason: string } {
  return { code: closeCodes[reason], reason: texts[reason] };
}
