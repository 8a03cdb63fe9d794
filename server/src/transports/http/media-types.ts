/** The media type of each format of downloads and uploads. */
export const mediaTypes: Record<string, string> = { ndjson: "application/x-ndjson", csv: "text/csv" };

/** The media types of a streamed upload. The last two leave its format open. */
export const uploadTypes = [...Object.values(mediaTypes), "text/plain", "application/octet-stream"];
