/** Under which media type each format of downloads and uploads travels. */
export const mediaTypes: Record<string, string> = { ndjson: "application/x-ndjson", csv: "text/csv" };

/** The media types of a streamed upload; the last two say nothing of its format. */
export const uploadTypes = [...Object.values(mediaTypes), "text/plain", "application/octet-stream"];
