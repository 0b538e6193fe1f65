/** `npm run check:imports`: holds the tree against the rules of `.dependency-cruiser.mjs`. */
import { cruiseTree, describeViolation, missedFiles } from "./imports.ts";

const { files, violations } = await cruiseTree(".");
for (const violation of violations) console.error(`✖ ${describeViolation(violation)}`);
const missed = missedFiles(".", files);
for (const file of missed) console.error(`✖ ${file} was not looked at.`);
console.log(`${files.length} files, ${violations.length} forbidden imports.`);
if (violations.length > 0 || missed.length > 0) process.exitCode = 1;
