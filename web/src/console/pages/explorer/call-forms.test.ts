import { expect, it, onTestFinished, vi } from "vitest";
import type { OperationDocument } from "../../api/documents.js";
import { curlOf } from "./call-forms.js";

it("writes a curl command that the shell reads as one URL, even if an id contains a quote", () => {
  vi.stubGlobal("window", { location: { origin: "http://127.0.0.1:8080" } });
  onTestFinished(() => void vi.unstubAllGlobals());
  const operation = { rest: { method: "GET", path: "/v1/users/{user}/profile" } } as OperationDocument;
  expect(curlOf(operation, { user: "o'neil" }).split(" \\\n")[0]).toBe(
    String.raw`curl -X GET 'http://127.0.0.1:8080/v1/users/o'\''neil/profile'`,
  );
});
