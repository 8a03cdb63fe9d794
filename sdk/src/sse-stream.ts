/** One event of a stream, its data parsed. */
export interface StreamEvent {
  event: string;
  data: unknown;
  /** Where to resume; undefined for an event that is no place to resume from. */
  id: string | undefined;
}

export interface StreamReader {
  /** Called with each part that arrives, also when it holds a comment only. */
  onChunk(): void;
  /** What it throws ends the reading. */
  onEvent(event: StreamEvent): void;
  /** The server says how long to wait before the next attempt. */
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
