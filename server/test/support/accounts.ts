import type { OutputOf } from "@grandstand/shared/contract";

/** Creates a session for a new guest. */
export async function newGuest(
  url: string,
  name = "Guest",
): Promise<OutputOf<"session.create"> & { token: string }> {
  const response = await fetch(`${url}/v1/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  return response.json() as Promise<OutputOf<"session.create"> & { token: string }>;
}
