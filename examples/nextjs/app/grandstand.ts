import { createServerClient } from "@grandstand/sdk/server";

/** Only server code imports this file: the API key never reaches a browser. */
export const url = process.env.GRANDSTAND_URL ?? "http://127.0.0.1:8080";
export const grandstand = createServerClient({ url, apiKey: process.env.GRANDSTAND_API_KEY ?? "demo-key" });
