import { createServer } from "node:http";
import { dataHeaders } from "./headers.ts";
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import type { HttpConfig } from "./parts.ts";
import type { HttpServer } from "./server.ts";

/** `/metrics` on the port everybody reaches; in production it has an address of its own. */
export function registerMetrics(
  { fastify }: HttpServer,
  metrics: Metrics,
  config: Pick<HttpConfig, "production">,
): void {
  if (config.production) return;
  fastify.get("/metrics", async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });
}

/** The listener that serves `/metrics` and nothing else. */
export interface MetricsListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens at `config.metricsAddress`, which only the monitoring should reach. */
export async function listenForMetrics(
  metrics: Metrics,
  config: HttpConfig,
): Promise<MetricsListener | undefined> {
  const { metricsAddress } = config;
  if (metricsAddress === undefined) return undefined;
  const headers = dataHeaders(config);
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      const known = request.url === "/metrics";
      const reads = request.method === "GET" || request.method === "HEAD";
      const answer = async () => {
        const text = known && reads ? await metrics.text() : "";
        response.writeHead(known ? (reads ? 200 : 405) : 404, {
          ...headers,
          ...(known && !reads ? { allow: "GET, HEAD" } : {}),
          "content-type": metrics.contentType,
        });
        response.end(text);
      };
      answer().catch(() => response.destroy());
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(metricsAddress, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : metricsAddress.port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
