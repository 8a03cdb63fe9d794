import { GrandstandError, type Issue } from "@grandstand/shared/errors";
import type { z } from "zod";

/**
 * Parses an input with a schema.
 * @param whole the name of `value` in an error message that concerns no single field, such as "The body"
 * @throws {GrandstandError} `bad_request` naming the fields that break a rule, at most `MAX_ISSUES`.
 */
export function validate<T extends z.ZodType>(schema: T, value: unknown, whole = "The input"): z.output<T> {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return result.data;
  const issues = issuesOf(result.error);
  const [first] = issues;
  throw new GrandstandError("bad_request", `${first?.path || whole} ${first?.message}`, { issues });
}

/** The most issues that an error lists. In a batch, one mistake may be repeated in every item. */
const MAX_ISSUES = 20;

const ruleOf: Partial<Record<z.core.$ZodIssue["code"], string>> = {
  invalid_type: "type",
  too_small: "min",
  too_big: "max",
  invalid_format: "format",
  invalid_value: "oneOf",
  invalid_union: "type",
  unrecognized_keys: "unknown",
};

/** The error text of a rule for which the schema has none. */
const describe: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && issue.code !== "custom") return "is required";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case "too_small":
      return `must ${bound(issue.origin)} ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}${unit(issue.origin)}`;
    case "too_big":
      return `must ${bound(issue.origin)} ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}${unit(issue.origin)}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "invalid_union":
      return "has a type that is not allowed";
    default:
      return undefined;
  }
};

const typeNames: Partial<Record<string, string>> = {
  array: "an array",
  boolean: "true or false",
  int: "a whole number",
  number: "a finite number",
  object: "an object",
  string: "a string",
};

function bound(origin: string): string {
  return origin === "array" || origin === "string" ? "have" : "be";
}

function unit(origin: string): string {
  if (origin === "array") return " items";
  return origin === "string" ? " characters" : "";
}

/** Translates the issues that zod found. */
function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.flatMap(issuesOfOne).slice(0, MAX_ISSUES);
}

function issuesOfOne(issue: z.core.$ZodIssue): Issue[] {
  const rule = ruleOf[issue.code] ?? "custom";
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join("."),
      rule,
      message: "is not a known field",
    }));
  }
  // A refinement in the contract may name its rule in `params.rule`.
  const named = issue.code === "custom" ? issue.params?.rule : undefined;
  return [
    { path: issue.path.join("."), rule: typeof named === "string" ? named : rule, message: issue.message },
  ];
}
