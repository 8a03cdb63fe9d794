import { useUnread } from "@grandstand/sdk/react";
import { terrace } from "../chat/room.js";
import { unreadText } from "../chat/unread-text.js";
import { useNodes } from "../proof/useNodes.js";
import { TabIcon } from "./TabIcon.js";
import { type Tab, tabs } from "./tabs.js";
import "./tab-bar.css";

interface TabBarProps {
  chosen: Tab;
  onChoose: (tab: Tab) => void;
}

const rooms = [terrace];

/** The bar at the bottom of a narrow window. */
export function TabBar({ chosen, onChoose }: TabBarProps) {
  const { total: unread } = useUnread(rooms);
  const hasNodes = useNodes().nodes.length > 0;
  return (
    <nav className="tab-bar" aria-label="Parts of the page">
      {tabs
        .filter(({ tab }) => tab !== "nodes" || hasNodes)
        .map(({ tab, name }) => {
          const count = tab === "chat" ? unread : 0;
          return (
            <button
              key={tab}
              type="button"
              className="tab"
              aria-current={tab === chosen ? "page" : undefined}
              aria-label={count > 0 ? `${name}, ${unreadText(count)}` : name}
              onClick={() => onChoose(tab)}
            >
              <TabIcon tab={tab} />
              {name}
              {count > 0 && (
                <span className="tab-count figures" aria-hidden="true">
                  {count > 99 ? "99+" : count}
                </span>
              )}
            </button>
          );
        })}
    </nav>
  );
}
