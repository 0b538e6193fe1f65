/** `npm run docs:errors`: writes the page of all error codes. */
import { writeFileSync } from "node:fs";
import { ERRORS_PAGE, errorsPage } from "./errors-page.ts";

writeFileSync(ERRORS_PAGE, await errorsPage());
