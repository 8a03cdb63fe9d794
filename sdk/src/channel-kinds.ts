import type {
  ChatDeleted,
  ChatEdited,
  ChatMessage,
  ChatReacted,
  ChatSnapshot,
  ChatTyping,
  ChatView,
} from "@grandstand/shared/events/chat";
import type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
  LeaderboardView,
} from "@grandstand/shared/events/leaderboard";
import type {
  PresenceCount,
  PresenceDigest,
  PresenceLeft,
  PresenceMember,
  PresenceSnapshot,
  PresenceView,
} from "@grandstand/shared/events/presence";
import type { UserEntered, UserLeft, UserNotice, UserSnapshot } from "@grandstand/shared/events/user";

/** For each kind of channel, the view that a subscription takes, its snapshot, and the data of its events. */
export interface ChannelKinds {
  leaderboard: {
    view: Partial<LeaderboardView>;
    snapshot: LeaderboardSnapshot;
    events: {
      "leaderboard.updated": LeaderboardUpdated;
      "leaderboard.me": LeaderboardMe;
      "leaderboard.season_closed": LeaderboardSeasonClosed;
    };
  };
  counter: {
    view: Record<string, never>;
    snapshot: CounterSnapshot;
    events: { "counter.updated": CounterUpdated; "counter.threshold": CounterThreshold };
  };
  chat: {
    view: Partial<ChatView>;
    snapshot: ChatSnapshot;
    events: {
      "chat.message": ChatMessage;
      "chat.edited": ChatEdited;
      "chat.deleted": ChatDeleted;
      "chat.reacted": ChatReacted;
      "chat.typing": ChatTyping;
    };
  };
  presence: {
    view: Partial<PresenceView>;
    snapshot: PresenceSnapshot;
    events: {
      "presence.joined": PresenceMember;
      "presence.left": PresenceLeft;
      "presence.updated": PresenceMember;
      "presence.digest": PresenceDigest;
      "presence.count": PresenceCount;
    };
  };
  user: {
    view: Record<string, never>;
    snapshot: UserSnapshot;
    events: { "user.entered": UserEntered; "user.left": UserLeft; "user.notice": UserNotice };
  };
}
