export { Metrics } from "./metrics.ts";
export { listenForMetrics } from "./metrics-route.ts";
export type { HttpConfig, HttpParts, Readiness } from "./parts.ts";
export { createHttpServer, type HttpServer } from "./server.ts";
export { registerSite } from "./site.ts";
