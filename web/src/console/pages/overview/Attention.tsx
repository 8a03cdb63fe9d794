import type { OutputOf } from "@grandstand/sdk";

type Item = OutputOf<"admin.overview">["attention"][number];

/** What an operator should look at, in words; or that there is nothing. */
export function Attention({ items }: { items: readonly Item[] }) {
  if (items.length === 0) {
    return (
      <section className="attention all-well" aria-label="What needs attention">
        <span className="lamp" aria-hidden="true" />
        <p>
          <strong>Nothing needs attention.</strong> All nodes hold their lease, and Redis keeps what it is
          given.
        </p>
      </section>
    );
  }
  return (
    <section className="attention" aria-label="What needs attention">
      <ul>
        {items.map(({ level, title, remedy }) => (
          <li key={title} className={`is-${level}`}>
            <span className="lamp" aria-hidden="true" />
            <div>
              <p className="attention-title">
                <span className="visually-hidden">{level === "critical" ? "Critical: " : "Warning: "}</span>
                {title}
              </p>
              <p className="attention-remedy">{remedy}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
