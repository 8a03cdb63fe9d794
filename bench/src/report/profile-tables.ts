import type { CommandTimes, Profile, ProfileReport } from "../profile/profiles.js";

const MODULES = 10;
const FUNCTIONS = 10;
const COMMANDS = 8;

/** The CPU profile of a benchmark as Markdown tables, in percent. */
export function profileTables({ servers, redis }: ProfileReport): string {
  return [...servers.map(serverTable), ...(Object.keys(redis).length > 0 ? [redisTable(redis)] : [])].join(
    "\n\n",
  );
}

function serverTable({ title, times }: Profile): string {
  const modules = largest(
    sumsBy(times, ({ module }) => module),
    MODULES,
  );
  const functions = largest(
    sumsBy(times, (time) => `\`${time.function}\` of ${time.module}`),
    FUNCTIONS,
  );
  const rows = Array.from({ length: Math.max(modules.length, functions.length) }, (_, at) => {
    const [module, ofModule] = modules[at] ?? ["", ""];
    const [name, ofName] = functions[at] ?? ["", ""];
    return `| ${module} | ${ofModule} | ${name} | ${ofName} |`;
  });
  return [
    `| Nodes${title && `, ${title}`}: by module | % | By function | % |`,
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function redisTable(redis: CommandTimes): string {
  const rows = largest(new Map(Object.entries(redis)), COMMANDS).map(
    ([command, share]) => `| ${command} | ${share} |`,
  );
  return ["| Redis: by command | % |", "|---|---|", ...rows].join("\n");
}

function sumsBy(times: Profile["times"], keyOf: (time: Profile["times"][number]) => string) {
  const sums = new Map<string, number>();
  for (const time of times) sums.set(keyOf(time), (sums.get(keyOf(time)) ?? 0) + time.micros);
  return sums;
}

/** The largest sums, each with its share of the total in percent. */
function largest(sums: ReadonlyMap<string, number>, count: number): [string, string][] {
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return [...sums]
    .sort(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([name, value]) => [name, ((value / total) * 100).toFixed(1)]);
}
