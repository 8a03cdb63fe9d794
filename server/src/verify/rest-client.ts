import type { Ack } from "@grandstand/shared/frames";
import type { WriterClient } from "./writer.js";

/** A client that sends messages, configures rooms and reads messages over REST. It has no other operations. */
export function restClient(url: string, token: string): WriterClient {
  const abort = new AbortController();
  const call = async (path: string, init: RequestInit): Promise<Ack> => {
    const response = await fetch(`${url}/v1/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      signal: abort.signal,
    });
    const body = (await response.json()) as { code: string; detail?: string };
    if (response.ok) return { ok: true, data: body };
    return {
      ok: false,
      error: { code: body.code, message: body.detail ?? "" } as Extract<Ack, { ok: false }>["error"],
    };
  };
  return {
    call(operation, input) {
      const { room, ...rest } = input as { room: string };
      const path = `chat/${encodeURIComponent(room)}`;
      if (operation === "chat.send")
        return call(`${path}/messages`, { method: "POST", body: JSON.stringify(rest) });
      if (operation === "chat.configure") return call(path, { method: "PUT", body: JSON.stringify(rest) });
      const query = new URLSearchParams(rest as Record<string, string>);
      return call(`${path}/messages?${query}`, { method: "GET" });
    },
    close: async () => abort.abort(),
  };
}
