import { PageHead } from "../../shell/PageHead.js";
import { CachePanel } from "./CachePanel.js";
import { LimitPanel } from "./LimitPanel.js";
import { LockPanel } from "./LockPanel.js";

/** The locks, caches and limits of the app's servers. An operator looks up one by its id, because no index lists them. */
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
