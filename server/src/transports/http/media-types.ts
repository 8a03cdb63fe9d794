/** The media type of each format of downloads and uploads. */
export const mediaTypes: Record<string, string> = { ndjson: "application/x-ndjson", csv: "text/csv" };

/** The format of an upload by its media type. Browsers on Windows send a CSV as the last one. */
export const uploadFormats: Record<string, string> = {
  "application/x-ndjson": "ndjson",
  "text/csv": "csv",
  "application/vnd.ms-excel": "csv",
};

/** The media types of a streamed upload. The last two leave its format open. */
export const uploadTypes = [...Object.keys(uploadFormats), "text/plain", "application/octet-stream"];
