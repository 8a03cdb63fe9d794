import { z } from "zod";

/** How profiles are kept, and where they come from. */
export interface ProfileSettings extends ProfilePace {
  /** The URL of the app's backend, with `{user}` for the id. Null: profiles come only from users' credentials and calls. */
  url: string | null;
  /** The bearer token of requests to the app's backend; null for none. */
  secret: string | null;
}

/** How long profiles from the app's backend are kept, and how long fetching them may take, in ms. */
interface ProfilePace {
  /** How long a profile is fresh. */
  freshMs: number;
  /** How long to wait before the backend is asked again about a user that it did not know. */
  unknownMs: number;
  /** How long a profile is shown while the backend fails. */
  retainMs: number;
  /** How long one request may take. */
  fetchMs: number;
  /** After this time, another node may fetch a profile whose fetch has not ended. */
  claimMs: number;
  /** How long a node waits before it tries again to fetch a profile whose fetch failed, or which another node fetches. */
  retryMs: number;
  /** How long a reply waits for a profile that was never fetched. */
  waitMs: number;
  /** How long a node sends no requests after the backend failed. Further failures make the pause longer. */
  pauseMs: number;
}

const DAY_MS = 86_400_000;

export const profilePace: ProfilePace = {
  freshMs: 3_600_000,
  unknownMs: 60_000,
  retainMs: 30 * DAY_MS,
  fetchMs: 3_000,
  claimMs: 10_000,
  retryMs: 5_000,
  waitMs: 300,
  pauseMs: 1_000,
};

/** An http or https URL with `{user}` in its path or query. */
export const profileUrl = z.string().superRefine((text, context) => {
  const urlFor = (user: string) => {
    const url = text.replaceAll("{user}", user);
    return /^https?:\/\//.test(url) && URL.canParse(url) ? new URL(url) : null;
  };
  const [one, other] = [urlFor("a"), urlFor("b")];
  const fault =
    one === null || other === null
      ? "must be an http or https URL"
      : one.origin !== other.origin || one.username !== other.username || one.password !== other.password
        ? "must not have {user} in its host"
        : one.pathname + one.search === other.pathname + other.search
          ? "must contain {user} in its path or query, where the id of the user goes"
          : null;
  if (fault !== null) context.addIssue({ code: "custom", message: fault });
});
