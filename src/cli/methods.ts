import { describeModules } from "../app.ts";
import type { Command } from "./command.ts";

export const methods: Command = {
  summary: "print every method and subscription, its access, REST route and file",
  async run() {
    const rows = [["NAME", "KIND", "ACCESS", "REST", "FILE"]];
    const registry = describeModules();
    const routes = new Map<string, string>();
    for (const { module, route } of registry.routes()) {
      const before = routes.get(route.method);
      const path = `${route.verb} /${module.name}${route.path}`;
      routes.set(route.method, before === undefined ? path : `${before}, ${path}`);
    }
    for (const module of registry.modules) {
      const folder = `src/modules/${module.name}`;
      for (const [key, method] of Object.entries(module.methods)) {
        const rest = routes.get(method.name) ?? "";
        rows.push([method.name, "method", method.access, rest, `${folder}/methods/${key}.ts`]);
      }
      for (const [key, { name, access }] of Object.entries(module.subscriptions)) {
        rows.push([name, "subscription", access, "", `${folder}/subscriptions/${key}.ts`]);
      }
    }
    const widths = [0, 1, 2, 3].map((column) =>
      Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    );
    for (const row of rows) {
      console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
    }
  },
};
