import type { Page } from "playwright";

/**
 * Collects what a page must never have: console errors and warnings (which include violations of the
 * Content-Security-Policy), uncaught exceptions, and failed requests.
 */
export function collectProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("requestfailed", (request) => {
    // The page itself cancelled the request, such as by a reload while a script was loading.
    if (request.failure()?.errorText === "net::ERR_ABORTED") return;
    problems.push(`${request.method()} ${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  return problems;
}
