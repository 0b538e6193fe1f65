export { registerApi } from "./api.ts";
export { Metrics } from "./metrics.ts";
export type { HttpConfig, HttpParts, Readiness, ShownMail } from "./parts.ts";
export { createHttpServer, type HttpServer } from "./server.ts";
