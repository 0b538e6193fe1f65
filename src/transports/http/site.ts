import { registerApi } from "./api.ts";
import { registerCspReports } from "./csp-reports.ts";
import { registerDocs } from "./docs/index.ts";
import { registerHealth } from "./health.ts";
import { registerMailbox } from "./mailbox.ts";
import { registerMetrics } from "./metrics-route.ts";
import type { HttpParts } from "./parts.ts";
import type { HttpServer } from "./server.ts";
import { registerWeb } from "./web.ts";

/** Everything this transport serves itself: `/api`, the web app, the documentation, health. */
export function registerSite(server: HttpServer, parts: HttpParts): void {
  registerApi(server, parts.registry);
  registerHealth(server, parts);
  registerMetrics(server, parts.metrics, parts.config);
  registerDocs(server, parts);
  registerMailbox(server, parts);
  registerCspReports(server, parts);
  registerWeb(server, parts.config.webFolder);
}
