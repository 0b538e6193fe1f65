#!/usr/bin/env node
// The command `stoa`. This file is plain JavaScript that old versions of Node can parse as well, so
// that a person with one of them reads a sentence and not a syntax error.

const MAJOR = 24;
const MINOR = 12;

const parts = process.versions.node.split(".");
const major = Number(parts[0]);

if (major > MAJOR || (major === MAJOR && Number(parts[1]) >= MINOR)) {
  // A failure to load is printed by Node itself, which then exits with 1.
  void import("../src/main.ts");
} else {
  console.error(
    `Stoa needs Node ${MAJOR}.${MINOR} or newer, and this is ${process.versions.node}. ` +
      "`npm ci` brings the right one: use `npm start`, or `npx stoa` in this folder.",
  );
  process.exitCode = 1;
}
