import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";

/** PEM, whose line breaks may be written as `\n`. */
export const publicKey = z.string().transform((text, context) => {
  const key = publicKeyIn(text.replaceAll("\\n", "\n"));
  if (key) return key;
  context.addIssue({
    code: "custom",
    message: "must be a public key in PEM: RSA of at least 2048 bits, P-256 or Ed25519",
  });
  return z.NEVER;
});

function publicKeyIn(pem: string): KeyObject | null {
  // `createPublicKey` would accept a private key, but a private key must not be in this setting.
  if (pem.includes("PRIVATE KEY")) return null;
  try {
    const key = createPublicKey(pem);
    const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
    const isUsable =
      (key.asymmetricKeyType === "rsa" && modulusLength >= 2_048) ||
      (key.asymmetricKeyType === "ec" && namedCurve === "prime256v1") ||
      key.asymmetricKeyType === "ed25519";
    return isUsable ? key : null;
  } catch {
    return null;
  }
}
