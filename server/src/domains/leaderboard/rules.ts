import type { Board, BoardConfig } from "@grandstand/shared/operations/leaderboard";

/** A board's rules as name and value pairs for configure.lua; a rule that is not set is empty. */
export function ruleArguments(config: BoardConfig): string[] {
  return Object.entries({
    order: config.order,
    operator: config.operator,
    windows: config.windows.join(","),
    submit: config.submit,
    min: text(config.min),
    max: text(config.max),
    maxDelta: text(config.maxDelta),
    minIntervalMs: text(config.minIntervalMs),
  }).flat();
}

/** The board from what get.lua and configure.lua return behind their status: total, then name and value pairs. */
export function boardOf(board: string, [total, ...pairs]: string[]): Board {
  const fields = new Map<string, string>();
  for (let at = 0; at < pairs.length; at += 2) fields.set(pairs[at]!, pairs[at + 1]!);
  const field = (name: string) => fields.get(name)!;
  const limit = (name: string) => (fields.has(name) ? Number(fields.get(name)) : null);
  const moment = (name: string) => new Date(Number(field(name))).toISOString();
  return {
    board,
    order: field("order") as Board["order"],
    operator: field("operator") as Board["operator"],
    windows: field("windows").split(",") as Board["windows"],
    submit: field("submit") as Board["submit"],
    min: limit("min"),
    max: limit("max"),
    maxDelta: limit("maxDelta"),
    minIntervalMs: limit("minIntervalMs"),
    total: Number(total),
    createdAt: moment("createdAt"),
    updatedAt: moment("updatedAt"),
  };
}

function text(limit: number | undefined): string {
  return limit === undefined ? "" : String(limit);
}
