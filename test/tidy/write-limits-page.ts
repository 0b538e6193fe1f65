/** `npm run docs:limits`: writes the page of all limits. */
import { writeFileSync } from "node:fs";
import { LIMITS_PAGE, limitsPage } from "./limits-page.ts";

writeFileSync(LIMITS_PAGE, limitsPage());
