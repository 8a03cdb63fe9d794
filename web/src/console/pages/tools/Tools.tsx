import { PageHead } from "../../shell/PageHead.js";
import { CachePanel } from "./CachePanel.js";
import { LimitPanel } from "./LimitPanel.js";
import { LockPanel } from "./LockPanel.js";

/** The locks, caches and limits of the app's servers. An operator enters an id, because nothing lists these ids. */
export default function Tools() {
  return (
    <>
      <PageHead title="Server tools" lead="Locks, caches and limits of your app’s servers, by their ids" />
      <div className="two-columns">
        <LockPanel />
        <CachePanel />
        <LimitPanel />
      </div>
    </>
  );
}
