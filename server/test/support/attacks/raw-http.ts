import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

/** An HTTP response as it was received. */
export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Opens a TCP connection to a node, on which a test can send any bytes. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = createConnection(port, "127.0.0.1");
  // A reset by the server must not fail the test, because the test itself checks what the server does.
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Waits until a connection is closed, cleanly or not. */
export async function untilClosed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

/** Reads until the server closes the connection. */
export async function readToEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await untilClosed(socket);
  return Buffer.concat(chunks).toString();
}

/** Sends bytes on a new connection. @returns the responses, once the server has closed it. */
export async function exchange(port: number, ...parts: (string | Buffer)[]): Promise<RawResponse[]> {
  const socket = await openSocket(port);
  for (const part of parts) socket.write(part);
  return responsesIn(await readToEnd(socket));
}

/** The text of a request that asks the server to close the connection after the response. */
export function requestText(
  line: string,
  headers: readonly (readonly [name: string, value: string])[] = [],
  body = "",
): string {
  const all = [["host", "x"], ["connection", "close"], ...headers];
  return `${line} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

/** Splits received text into its responses. */
export function responsesIn(received: string): RawResponse[] {
  const responses: RawResponse[] = [];
  for (const text of received.split(/(?=HTTP\/1\.1 \d{3} )/).filter((part) => part.startsWith("HTTP/1.1"))) {
    const [head = "", body = ""] = text.split(/\r\n\r\n(.*)/s);
    const [line = "", ...lines] = head.split("\r\n");
    const headers = Object.fromEntries(
      lines.map((header) => header.split(/: ?(.*)/s).slice(0, 2) as [string, string]),
    );
    const lowered = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    responses.push({ status: Number(line.split(" ")[1]), headers: lowered, body });
  }
  return responses;
}
