import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncApi } from "../../server/dist/ops/asyncapi.js";
import { openApi } from "../../server/dist/ops/openapi.js";
import { version } from "../../server/dist/ops/version.js";

/** Program: writes the OpenAPI and AsyncAPI documents, made by the compiled code, to the folder in its argument. */
const folder = process.argv[2];
writeFileSync(join(folder, "openapi.json"), JSON.stringify(openApi(version)));
writeFileSync(join(folder, "asyncapi.json"), JSON.stringify(asyncApi(version)));
