import type { RestRoute } from "../../core/rest.ts";

export const rest: readonly RestRoute[] = [];
