/** One event of a stream, with its data parsed as JSON. */
export interface StreamEvent {
  event: string;
  data: unknown;
  /** The id from which a later stream can continue; undefined if the event has none. */
  id: string | undefined;
}

export interface StreamReader {
  /** Called when data arrives, even if it is only a comment that keeps the stream alive. */
  onChunk(): void;
  /** An error thrown here stops the reading, and `readEvents` rejects with it. */
  onEvent(event: StreamEvent): void;
  /** The server sent `retry`: how long to wait before the next attempt to connect. */
  onRetry(ms: number): void;
}

/** Reads a body of `text/event-stream` to its end. */
export async function readEvents(body: ReadableStream<Uint8Array>, reader: StreamReader): Promise<void> {
  const chunks = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let fields: Record<string, string> = {};
  for (;;) {
    const { done, value } = await chunks.read();
    if (done) return;
    reader.onChunk();
    text += decoder.decode(value, { stream: true });
    const lines = text.split(/\r?\n/);
    text = lines.pop()!;
    for (const line of lines) {
      if (line === "") {
        const { data, event = "message", id, retry } = fields;
        fields = {};
        if (retry !== undefined) reader.onRetry(Number(retry));
        if (data !== undefined) reader.onEvent({ event, data: JSON.parse(data), id });
        continue;
      }
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line)!;
      // A line that begins with a colon is a comment.
      if (name !== "") fields[name] = name === "data" && fields.data ? `${fields.data}\n${value}` : value;
    }
  }
}
