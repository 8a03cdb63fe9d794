import type { OutputOf } from "@grandstand/sdk";
import { Panel } from "../../../shell/Panel.js";
import { bytes, duration, short, whole } from "../../ui/format.js";

export function RedisCard({ redis }: { redis: OutputOf<"admin.overview">["redis"] }) {
  const share = redis.maxBytes === null ? null : redis.usedBytes / redis.maxBytes;
  const facts: [string, string][] = [
    ["Answers in", `${redis.latencyMs.toFixed(redis.latencyMs < 10 ? 2 : 0)} ms`],
    ["Commands/s", short(redis.commandsPerSecond)],
    ["Keys", whole(redis.keys)],
    ["Clients", whole(redis.clients)],
    ["When full", redis.evictionPolicy || "unknown"],
    ["Append-only file", redis.isAppendOnly ? "on" : "off"],
  ];
  return (
    <Panel
      title="Redis"
      className="redis"
      aside={`${redis.version}, up ${duration(Date.now() - Date.parse(redis.startedAt))}`}
    >
      <div className="redis-memory">
        <p>
          <span className="redis-used figures">{bytes(redis.usedBytes)}</span>
          <span>{redis.maxBytes === null ? "used, without a limit" : `of ${bytes(redis.maxBytes)}`}</span>
        </p>
        {share !== null && (
          <meter min={0} max={1} low={0.7} high={0.85} optimum={0} value={share} aria-label="Memory in use" />
        )}
      </div>
      <dl className="facts figures">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
