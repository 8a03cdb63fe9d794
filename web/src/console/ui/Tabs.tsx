import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";

interface TabsProps {
  label: string;
  /** A tab needs an `id` if its name can change while the tab is shown. */
  tabs: readonly { id?: string; name: string; content: () => ReactNode }[];
}

/** Shows one tab at a time. The arrow keys change the tab, and Home and End go to the first and the last tab. */
export function Tabs({ label, tabs }: TabsProps) {
  const [chosen, choose] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const targets: Record<string, number> = {
      ArrowLeft: chosen - 1,
      ArrowRight: chosen + 1,
      Home: 0,
      End: tabs.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = (target + tabs.length) % tabs.length;
    choose(next);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  const tab = tabs[Math.min(chosen, tabs.length - 1)]!;
  return (
    <div className="tabs">
      <div className="tab-list" role="tablist" aria-label={label} ref={list}>
        {tabs.map(({ id: own, name }, at) => (
          <button
            key={own ?? name}
            type="button"
            role="tab"
            id={`${id}-${at}`}
            aria-selected={at === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={at === chosen ? 0 : -1}
            onClick={() => choose(at)}
            onKeyDown={move}
          >
            {name}
          </button>
        ))}
      </div>
      <div
        key={tab.id ?? tab.name}
        className="tab-panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${chosen}`}
      >
        {tab.content()}
      </div>
    </div>
  );
}
