import type { Push } from "@grandstand/shared/channels";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { Ack, Expiring, Welcome } from "@grandstand/shared/frames";
import type { Ending, OpenTransport } from "./transport.js";

/** A frame from the server: a reply, a push or a notice. */
type Frame = ({ id: number | null } & Ack) | { push: Push } | { expiring: Expiring };

/** The close code that RFC 6455 defines for a message that is too big. */
const MESSAGE_TOO_BIG = 1009;

/** Plain WebSocket at `/v1/ws`, with the frames of docs/protocols.md. */
export function webSocketTransport(WebSocketClass: typeof WebSocket): OpenTransport {
  return ({ origin, prefix }, token, observer) => {
    const socket = new WebSocketClass(`${origin.replace(/^http/, "ws")}${prefix}/v1/ws`);
    const replies = new Map<number, (ack: Ack) => void>();
    let lastId = 0;
    let isOver = false;

    const close = () => {
      isOver = true;
      replies.clear();
      socket.close();
    };
    const end = (ending: Ending) => {
      if (isOver) return;
      close();
      observer.onEnd(ending);
    };
    const send = (operation: string, inputJson: string, onReply: (ack: Ack) => void) => {
      lastId += 1;
      replies.set(lastId, onReply);
      socket.send(`{"id":${lastId},"op":${JSON.stringify(operation)},"data":${inputJson}}`);
    };

    socket.onopen = () => {
      if (isOver) return;
      observer.onOpen();
      send("connect", JSON.stringify(token === null ? {} : { token }), (ack) => {
        if (ack.ok) observer.onWelcome(ack.data as Welcome);
        else end({ kind: "refused", error: refusal(ack.error, token) });
      });
    };
    socket.onmessage = ({ data }: MessageEvent) => {
      if (isOver) return;
      observer.onReceived();
      const frame = JSON.parse(data as string) as Frame;
      if ("push" in frame) observer.onPush(frame.push);
      else if ("expiring" in frame) observer.onExpiring();
      else if (frame.id !== null) {
        const onReply = replies.get(frame.id);
        replies.delete(frame.id);
        onReply?.(frame);
      }
    };
    socket.onclose = ({ code, reason }: CloseEvent) => end(endingOf(code, reason));
    // A browser gives scripts no details of an error, and always emits `close` after it.
    socket.onerror = () => {};
    return { send, close };
  };
}

function refusal(error: WireError, token: string | null): GrandstandError {
  const needsToken = token === null && error.code === "bad_request";
  return needsToken
    ? new GrandstandError("unauthenticated", "There is no token, and the server accepted no session cookie")
    : GrandstandError.fromWire(error);
}

function endingOf(code: number, reason: string): Ending {
  if (code >= 4000 && code <= 4999) return { kind: "closed", code, reason };
  const isTooLarge = code === MESSAGE_TOO_BIG;
  const message = isTooLarge ? "The server refused a message that is too large" : "The connection was lost";
  return {
    kind: "lost",
    error: new GrandstandError("unavailable", message, { cause: { code, reason } }),
    isTooLarge,
  };
}
