import type { Driver } from "./driver.js";
import { restDriver } from "./rest-driver.js";
import { socketIoDriver } from "./socketio-driver.js";
import { webSocketDriver } from "./websocket-driver.js";

/** The transports that carry calls. */
export const callDrivers: readonly Driver[] = [restDriver, socketIoDriver, webSocketDriver];
