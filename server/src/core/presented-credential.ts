/**
 * Where a credential was found. A header was sent on purpose. A browser sends a cookie with every request, even long
 * after the session has ended.
 */
export type CredentialSource = "header" | "cookie";

/** A token that a client presented. */
export interface PresentedCredential {
  token: string;
  source: CredentialSource;
}
