import { useChat } from "@grandstand/sdk/react";
import { useState } from "react";
import { Panel } from "../shell/Panel.js";
import { ChatStatusBadge, ChatStatusNotice } from "./ChatStatus.js";
import { Composer, type ComposerMode } from "./Composer.js";
import { MessageList } from "./MessageList.js";
import { terrace } from "./room.js";
import { Typing } from "./Typing.js";
import { useResend } from "./useResend.js";
import "./chat.css";

interface ChatPanelProps {
  userId: string;
  /** Called at each change of the text field; `hasText` is false when the field is empty or its text was submitted. */
  onTextChange: (hasText: boolean) => void;
}

/** The chat room: its messages, who is typing, and whether the view is up to date. */
export function ChatPanel({ userId, onTextChange }: ChatPanelProps) {
  const chat = useChat(terrace);
  useResend(chat);
  const [mode, setMode] = useState<ComposerMode>(null);
  return (
    <Panel title="The terrace" className="chat" aside={<ChatStatusBadge status={chat.status} />}>
      <ChatStatusNotice chat={chat} />
      <MessageList chat={chat} userId={userId} onModeChange={setMode} />
      <Typing typing={chat.typing} />
      <Composer
        key={mode ? `${mode.kind} ${mode.message.key}` : "new"}
        chat={chat}
        mode={mode}
        onTextChange={onTextChange}
        onDone={() => setMode(null)}
      />
    </Panel>
  );
}
