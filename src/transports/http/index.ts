export { Metrics } from "./metrics.ts";
export { listenForMetrics, type MetricsListener } from "./metrics-route.ts";
export type { HttpConfig, HttpParts, Readiness, ShownMail } from "./parts.ts";
export { createHttpServer, type HttpServer } from "./server.ts";
export { registerSite } from "./site.ts";
