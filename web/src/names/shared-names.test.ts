import { expect, it } from "vitest";
import { distinctName, sharedNames } from "./shared-names.js";

const user = (id: string, name?: string) => ({
  id,
  profile: name === undefined ? null : { name, avatar: null },
});

it("distinguishes two users with the same name by their ids", () => {
  const users = [user("guest-1111", "Ada"), user("guest-2222", "ada "), user("guest-3333", "Ben")];
  const shared = sharedNames(users);
  expect(users.map((one) => distinctName(one, shared))).toEqual(["Ada (1111)", "ada  (2222)", "Ben"]);
});

it("adds nothing to the name of a user who is listed twice", () => {
  const ada = user("guest-1111", "Ada");
  expect(distinctName(ada, sharedNames([ada, ada]))).toBe("Ada");
});

it("does not change a name that is the user's id", () => {
  const users = [user("Maya"), user("guest-4444", "Maya")];
  const shared = sharedNames(users);
  expect(users.map((one) => distinctName(one, shared))).toEqual(["Maya", "Maya (4444)"]);
});
