import { useConnection } from "@grandstand/sdk/react";
import { type ReactNode, useEffect, useRef } from "react";
import { Mark } from "../../shell/Mark.js";
import type { Operator } from "../api/sign-in.js";
import { hrefOf, usePlace } from "../router.js";
import { keepFocus } from "../ui/focus-keeper.js";
import { Icon, type IconName } from "./icons.js";

const sections: { page: IconName & string; name: string }[][] = [
  [{ page: "overview", name: "Overview" }],
  [
    { page: "boards", name: "Leaderboards" },
    { page: "rooms", name: "Rooms" },
    { page: "counters", name: "Counters" },
    { page: "users", name: "Users" },
  ],
  [
    { page: "jobs", name: "Jobs" },
    { page: "webhooks", name: "Webhooks" },
    { page: "tools", name: "Server tools" },
  ],
  [
    { page: "inspector", name: "Inspector" },
    { page: "trace", name: "Trace" },
    { page: "explorer", name: "API explorer" },
    { page: "keys", name: "API keys" },
    { page: "audit", name: "Audit log" },
  ],
];

interface ShellProps {
  operator: Operator;
  onLeave: () => void;
  children: ReactNode;
}

/** The frame of all pages: navigation, the state of the connection, and who is signed in. */
export function Shell({ operator, onLeave, children }: ShellProps) {
  const place = usePlace();
  const menu = useRef<HTMLDialogElement>(null);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const where = `${place.page}/${place.id}`;

  // A new page begins at its top, and a screen reader begins there too.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each change of the place
  useEffect(() => {
    menu.current?.close();
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [where]);

  useEffect(() => keepFocus(main.current!), []);

  const navigation = <Navigation page={place.page} operator={operator} onLeave={onLeave} />;
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header className="topbar">
        <a className="wordmark" href={hrefOf("overview")}>
          <Mark /> Grandstand
        </a>
        <ConnectionWord />
        <button
          type="button"
          className="icon-button"
          aria-label="Menu"
          onClick={() => menu.current?.showModal()}
        >
          <Icon name="menu" />
        </button>
      </header>
      <aside className="rail">
        <a className="wordmark" href={hrefOf("overview")}>
          <Mark /> Grandstand
        </a>
        {navigation}
      </aside>
      <dialog ref={menu} className="menu" aria-label="Menu">
        <button
          type="button"
          className="icon-button"
          aria-label="Close the menu"
          onClick={() => menu.current?.close()}
        >
          <Icon name="close" />
        </button>
        {navigation}
      </dialog>
      <main id="main" ref={main} tabIndex={-1}>
        <ConnectionNotice />
        {children}
      </main>
    </div>
  );
}

function Navigation({ page, operator, onLeave }: { page: string; operator: Operator; onLeave: () => void }) {
  return (
    <div className="navigation">
      <nav aria-label="Console">
        {sections.map((section) => (
          <ul key={section[0]!.page}>
            {section.map(({ page: own, name }) => (
              <li key={own}>
                <a href={hrefOf(own)} aria-current={own === page ? "page" : undefined}>
                  <Icon name={own} />
                  {name}
                </a>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      <div className="signed-in">
        <ConnectionWord />
        <p className="signed-in-key">
          Signed in with <strong>{operator.key}</strong>
        </p>
        <button type="button" className="rail-button" onClick={onLeave}>
          Sign out
        </button>
      </div>
    </div>
  );
}

const words = {
  connecting: "Connecting",
  live: "Live",
  catchingUp: "Catching up",
  offline: "Offline",
  closed: "Closed",
};

/**
 * Tells the operator what to expect while there is no connection. `closed` means that the server refused the connection.
 * `ConnectionWord` announces the state to screen readers.
 */
function ConnectionNotice() {
  const { status } = useConnection();
  if (status !== "offline" && status !== "closed") return null;
  return (
    <p className="connection-notice">
      <strong>No connection.</strong>{" "}
      {status === "offline"
        ? "What you see may be out of date. The console reconnects by itself."
        : "Reload the page to connect again."}
    </p>
  );
}

/** The state of the console's own connection, in one word. */
function ConnectionWord() {
  const { status } = useConnection();
  return (
    <span className={`connection-word is-${status}`} role="status">
      {words[status]}
    </span>
  );
}
