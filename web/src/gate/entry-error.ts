import { GrandstandError } from "@grandstand/sdk";

export interface EntryError {
  /** Whether the server refuses all guests, so that another name would not help. */
  areGuestsOff: boolean;
  text: string;
}

/** Explains why the server did not create a guest session. */
export function entryErrorOf(error: unknown): EntryError {
  const areGuestsOff = error instanceof GrandstandError && error.code === "forbidden";
  return { areGuestsOff, text: textOf(error) };
}

function textOf(error: unknown): string {
  const code = error instanceof GrandstandError ? error.code : "unavailable";
  switch (code) {
    case "bad_request": {
      const rule = (error as GrandstandError).issues?.[0]?.message;
      return rule ? `The name ${rule}.` : "The server won't take this name. Try another one.";
    }
    case "rate_limited":
      return "Too many people from here at once. Try again in a moment.";
    case "unavailable":
      return "The server can't be reached right now. Is it running?";
    default:
      return "That didn't work, and it isn't your fault. Try again in a moment.";
  }
}
