/** The media type of each format of downloads and uploads. */
export const mediaTypes: Record<string, string> = { ndjson: "application/x-ndjson", csv: "text/csv" };

/** The format of an upload by its media type. Browsers on Windows use the last media type for CSV files. */
export const uploadFormats: Record<string, string> = {
  "application/x-ndjson": "ndjson",
  "text/csv": "csv",
  "application/vnd.ms-excel": "csv",
};

/** The media types of a streamed upload. The last two do not determine the format. */
export const uploadTypes = [...Object.keys(uploadFormats), "text/plain", "application/octet-stream"];
