/**
 * Who may import whom: the table of ARCHITECTURE.md as rules. A new edge between modules, a new
 * package in a folder, is a line here that somebody reviews. `test/tidy/dependency-rules.test.ts`
 * plants a violation of every rule and sees that this very rule reports it.
 */

/** @typedef {import("dependency-cruiser").IRegularForbiddenRuleType} Rule */

/**
 * What a module may use of others, always through their `index.ts` or `types.ts`.
 *
 * @type {Record<string, string[]>}
 */
export const MODULE_EDGES = {
  auth: [],
  chat: ["auth"],
  cinema: ["auth"],
  wallet: ["auth"],
};

/**
 * The packages of each folder, subfolders included unless they are listed themselves. A folder that
 * is not listed has none.
 *
 * @type {Record<string, string[]>}
 */
export const PACKAGES = {
  "src/core": ["zod"],
  "src/config": ["zod"],
  "src/adapters/bus": ["rabbitmq-client"],
  "src/adapters/db": ["kysely", "pg", "@electric-sql/pglite"],
  "src/adapters/log": ["pino"],
  "src/adapters/mail": ["nodemailer"],
  "src/adapters/system": [],
  "src/adapters/vault": [],
  "src/cli": [],
  "src/modules/auth": ["zod", "kysely", "otpauth", "uqr", "@node-rs/argon2", "jose"],
  "src/modules/chat": ["zod", "kysely"],
  "src/modules/cinema": ["zod", "kysely"],
  "src/modules/wallet": ["zod", "kysely"],
  "src/transports/http": ["zod", "fastify", "prom-client"],
  "src/transports/phoenix": [],
  "src/transports/rest": ["zod", "fastify"],
  "src/transports/socket": [],
  "src/transports/websocket": ["ws"],
  client: ["zod"],
  "client/chat": ["@hpke/core", "@noble/curves", "@noble/hashes"],
  web: ["preact", "@preact/signals", "zod"],
};

/** Node's modules that compute. Modules of ours reach the outside world through ports only. */
const PURE_BUILTINS = ["assert", "async_hooks", "buffer", "crypto", "events", "url", "util"];

/** What the process starts from: its entry and the files that worker threads run. */
export const ENTRIES = ["^src/main\\.ts$", "^src/adapters/db/pglite/worker\\.ts$"];

const TEST = "\\.test\\.tsx?$";
const STORE = "^src/modules/[^/]+/store(\\.ts$|/)";
const RULES = "^src/modules/[^/]+/rules(\\.ts$|/)";
const TYPES = "^src/modules/[^/]+/types(\\.ts$|/)";
const SCHEMA = "^src/core/schema\\.ts$";
const DATABASE_PORT = "^src/core/database\\.ts$";
const VITE_CONFIG = "^web/vite\\.config\\.ts$";
const KYSELY = inNodeModules("kysely");

/** Matches every file of a package. @param {string} name */
function inNodeModules(name) {
  return `(^|/)node_modules/${name.replaceAll(".", "\\.")}/`;
}

/** The folders inside of this one that have packages of their own. @param {string} folder */
function listedBelow(folder) {
  const below = Object.keys(PACKAGES).filter((listed) => listed.startsWith(`${folder}/`));
  return below.map((listed) => `^${listed}/`);
}

/**
 * `from` may import, of our own files, nothing but `allowed`. Packages have rules of their own.
 *
 * @param {string} name
 * @param {string} from
 * @param {string[]} allowed
 * @param {string} comment
 * @returns {Rule}
 */
function onlyImports(name, from, allowed, comment) {
  return {
    name,
    comment,
    severity: "error",
    from: { path: from, pathNot: TEST },
    to: { path: "^(src|client|web|test|bench|bin)/", pathNot: allowed },
  };
}

/**
 * @param {string} name
 * @param {Rule["from"]} from
 * @param {Rule["to"]} to
 * @param {string} comment
 * @returns {Rule}
 */
function forbid(name, from, to, comment) {
  return { name, comment, severity: "error", from: { pathNot: TEST, ...from }, to };
}

const folders = [
  onlyImports("core-is-the-floor", "^src/core/", ["^src/core/"], "core/ knows nothing above it."),
  onlyImports(
    "adapters-know-core",
    "^src/adapters/([^/]+)/",
    ["^src/adapters/$1/", "^src/core/"],
    "An adapter implements a port of core with its driver, alone.",
  ),
  onlyImports(
    "config-knows-core",
    "^src/config/",
    ["^src/config/", "^src/core/"],
    "Configuration is read before anything else exists.",
  ),
  onlyImports(
    "modules-know-core",
    "^src/modules/",
    ["^src/modules/", "^src/core/"],
    "A module is the same under every transport, adapter and configuration.",
  ),
  forbid(
    "modules-do-not-dispatch",
    { path: "^src/modules/" },
    { path: "^src/core/(registry|dispatch)\\.ts$" },
    "Modules are called by the pipeline and do not call it.",
  ),
  onlyImports(
    "operations-stand-alone",
    "^src/modules/([^/]+)/(methods|subscriptions)/([^/]+)\\.ts$",
    [
      "^src/core/",
      "^src/modules/(?!$1/)[^/]+/(index|types)\\.ts$",
      "^src/modules/$1/(?!index\\.ts$|methods/|subscriptions/)",
    ],
    "What two operations share belongs in rules, store or a file of its own, and the face of the " +
      "module imports them, not they it.",
  ),
  onlyImports(
    "types-are-leaves",
    TYPES,
    [SCHEMA, TYPES],
    "Clients and the web app read types.ts: it brings along nothing of the server.",
  ),
  onlyImports(
    "rules-are-pure",
    RULES,
    [TYPES, "^src/modules/[^/]+/errors\\.ts$", RULES, "^src/core/(schema|errors|assert)\\.ts$"],
    "Decisions and arithmetic without a clock or I/O can be tested exhaustively.",
  ),
  onlyImports(
    "transports-know-core",
    "^src/transports/([^/]+)/",
    ["^src/transports/$1/", "^src/transports/websocket/", "^src/core/"],
    "A transport turns bytes into calls; it knows no module and no other transport. What the two " +
      "that speak over WebSockets have in common is in websocket/.",
  ),
  onlyImports(
    "client-knows-types",
    "^client/",
    ["^client/", TYPES, SCHEMA],
    "The client infers its types from the wire contracts and contains no server.",
  ),
  onlyImports(
    "web-knows-client",
    "^web/",
    ["^web/", "^client/", TYPES],
    "The web app speaks to the server through the client.",
  ),
  onlyImports(
    "modules-list-knows-faces",
    "^src/modules\\.ts$",
    ["^src/core/", "^src/modules/[^/]+/index\\.ts$"],
    "The list of modules builds them through their faces.",
  ),
  onlyImports("main-starts-a-command", "^src/main\\.ts$", ["^src/cli/"], "main.ts runs cli/."),
  forbid(
    "app-is-the-top",
    { path: "^(src|client|web)/", pathNot: ["^src/main\\.ts$", "^src/cli/", TEST] },
    { path: "^src/app\\.ts$" },
    "The composition root is imported by the commands and by tests.",
  ),
  forbid(
    "commands-are-the-top",
    { path: "^(src|client|web)/", pathNot: ["^src/main\\.ts$", "^src/cli/", TEST] },
    { path: "^src/(cli/|main\\.ts$)" },
    "Nothing below imports a command.",
  ),
];

const edges = [
  ...Object.entries(MODULE_EDGES).map(([module, others]) =>
    forbid(
      `module-edges-${module}`,
      { path: `^src/modules/${module}/` },
      {
        path: "^src/modules/",
        pathNot: [
          `^src/modules/${module}/`,
          ...others.map((other) => `^src/modules/${other}/(index|types)\\.ts$`),
        ],
      },
      `${module} may use ${others.join(", ") || "no other module"}, by index.ts and types.ts.`,
    ),
  ),
  forbid(
    "module-edges-unlisted",
    { path: `^src/modules/(?!(${Object.keys(MODULE_EDGES).join("|")})/)([^/]+)/` },
    { path: "^src/modules/([^/]+)/", pathNot: "^src/modules/$2/" },
    "A module that uses others is listed in MODULE_EDGES.",
  ),
];

const packages = [
  ...Object.entries(PACKAGES).map(([folder, names]) =>
    forbid(
      `packages-${folder.replaceAll("/", "-")}`,
      { path: `^${folder}/`, pathNot: [TEST, DATABASE_PORT, VITE_CONFIG, ...listedBelow(folder)] },
      { path: "(^|/)node_modules/", pathNot: names.map(inNodeModules) },
      `${folder}/ uses the packages ${names.join(", ") || "of nobody"}.`,
    ),
  ),
  forbid(
    "packages-unlisted",
    { path: `^(?!(${Object.keys(PACKAGES).join("|")})/)(src|client|web)/` },
    { path: "(^|/)node_modules/" },
    "A folder that uses packages is listed in PACKAGES.",
  ),
  forbid(
    "types-build-on-zod",
    { path: TYPES },
    { path: "(^|/)node_modules/", pathNot: inNodeModules("zod") },
    "Wire contracts are zod schemas, for browsers too.",
  ),
  forbid(
    "rules-without-packages",
    { path: RULES },
    { path: "(^|/)node_modules/" },
    "Pure decisions need no package.",
  ),
  forbid(
    "query-builder-in-stores",
    { path: "^src/", pathNot: [TEST, STORE, "^src/adapters/db/", DATABASE_PORT] },
    { path: KYSELY },
    "All SQL of a module is in its store.",
  ),
  forbid(
    "database-port-runs-nothing",
    { path: DATABASE_PORT },
    { path: "(^|/)node_modules/", dependencyTypesNot: ["type-only"] },
    "The port hands out the query builder's type and runs nothing of it.",
  ),
  forbid(
    "no-dev-package",
    // The chat's client is built into the web app, with its packages.
    { path: "^(src|client)/", pathNot: [TEST, "^client/chat/"] },
    { dependencyTypes: ["npm-dev"] },
    "What the server runs is a production dependency.",
  ),
  forbid(
    "no-unlisted-package",
    { path: "^(src|client|web)/" },
    { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    "What is imported stands in package.json.",
  ),
];

const builtins = [
  forbid(
    "modules-without-io",
    { path: "^src/modules/", pathNot: [TEST, TYPES, RULES] },
    { dependencyTypes: ["core"], pathNot: `^(node:)?(${PURE_BUILTINS.join("|")})$` },
    "Files, sockets and processes are the business of adapters.",
  ),
  forbid(
    "pure-without-builtins",
    { path: [TYPES, RULES] },
    { dependencyTypes: ["core"] },
    "types.ts runs in browsers, and rules.ts is pure.",
  ),
  forbid(
    "browsers-without-builtins",
    { path: ["^(client|web)/", SCHEMA], pathNot: [TEST, VITE_CONFIG] },
    { dependencyTypes: ["core"] },
    "This code runs in browsers.",
  ),
];

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const wholeness = [
  forbid(
    "no-test-in-product",
    { path: "^(src|client|web)/" },
    { path: ["^(test|bench)/", TEST] },
    "The product contains no test.",
  ),
  forbid(
    "no-cycle",
    {},
    { circular: true },
    "What depends on itself cannot be understood in parts.",
  ),
  forbid(
    "no-orphan",
    { orphan: true, pathNot: [TEST, "\\.d\\.ts$", VITE_CONFIG] },
    {},
    "Used by nothing.",
  ),
  forbid("no-unresolved", {}, { couldNotResolve: true }, "The file or package is not there."),
  {
    name: "reachable",
    comment: "The process never loads it.",
    severity: "error",
    from: { path: ENTRIES },
    to: { path: "^src/", pathNot: [TEST, ...ENTRIES], reachable: false },
  },
];

/** @satisfies {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [...folders, ...edges, ...packages, ...builtins, ...wholeness],
  options: {
    doNotFollow: { path: "node_modules" },
    // Imports of types count: without this they are gone before they are seen.
    tsPreCompilationDeps: true,
    detectJSDocImports: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json", ".d.ts"],
      mainFields: ["module", "main", "types"],
    },
  },
};
