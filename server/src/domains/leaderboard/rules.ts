import { limits } from "@grandstand/shared/limits";
import { type Board, type BoardChanges, boardConfig } from "@grandstand/shared/operations/leaderboard/boards";
import { toIsoTime } from "../../core/iso-time.js";
import { type WindowPlan, windowsText } from "./window-plan.js";

/**
 * The argument `rules` of configure.lua. A rule that is not set has an empty value.
 * @param given the rules in the call. The script also gets the default of every other rule. A new board takes these
 * defaults; an existing board ignores them and keeps its own rules
 */
export function ruleArguments(given: BoardChanges, plan: WindowPlan) {
  const own = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  const config = boardConfig.parse(Object.fromEntries(own));
  const values = {
    order: config.order,
    operator: config.operator,
    submit: config.submit,
    min: text(config.min),
    max: text(config.max),
    maxDelta: text(config.maxDelta),
    minIntervalMs: text(config.minIntervalMs),
    retainSeasons: text(config.retainSeasons),
    maxEntries: text(config.maxEntries),
    subscoreOrder: config.subscoreOrder === "reverse" ? "reverse" : "",
    fields: config.fields.length > 0 ? JSON.stringify(config.fields) : "",
    maxValuesPerField: text(config.maxValuesPerField),
  };
  const rules = Object.entries(values).map(([name, value]) => {
    return { name, value, isGiven: given[name as keyof typeof values] === undefined ? "0" : "1" };
  });
  // `plan`, `windows` and `timezone` must change together, so all three count as given. The plan contains the board's own
  // windows or timezone if the call gives none.
  const planned = { plan: plan.id, windows: windowsText(plan.windows), timezone: plan.timezone };
  return [...rules, ...Object.entries(planned).map(([name, value]) => ({ name, value, isGiven: "1" }))];
}

/** Reads a board from the reply of get.lua or configure.lua. */
export function boardOf(board: string, { total, pairs }: { total: string; pairs: string[] }): Board {
  const fields = new Map<string, string>();
  for (let at = 0; at < pairs.length; at += 2) fields.set(pairs[at]!, pairs[at + 1]!);
  const field = (name: string) => fields.get(name)!;
  const limit = (name: string) => (fields.has(name) ? Number(fields.get(name)) : null);
  return {
    board,
    order: field("order") as Board["order"],
    operator: field("operator") as Board["operator"],
    windows: JSON.parse(field("windows")) as Board["windows"],
    timezone: field("timezone"),
    submit: field("submit") as Board["submit"],
    min: limit("min"),
    max: limit("max"),
    maxDelta: limit("maxDelta"),
    minIntervalMs: limit("minIntervalMs"),
    retainSeasons: Number(field("retainSeasons")),
    maxEntries: limit("maxEntries"),
    subscoreOrder: fields.get("subscoreOrder") === "reverse" ? "reverse" : "same",
    fields: JSON.parse(fields.get("fields") ?? "[]") as string[],
    maxValuesPerField: Number(fields.get("maxValuesPerField") ?? limits.valuesPerField),
    total: Number(total),
    createdAt: toIsoTime(field("createdAt")),
    updatedAt: toIsoTime(field("updatedAt")),
  };
}

function text(limit: number | undefined): string {
  return limit === undefined ? "" : String(limit);
}
