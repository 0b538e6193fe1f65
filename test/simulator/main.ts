/**
 * Runs seeds of the simulation: `npm run simulate -- --help`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { parseArgs } from "node:util";
import { runSeeds, type SeedReport } from "./engine/run-seeds.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";

const FAULTS = [...SCENARIOS].map(([name, { faults }]) => {
  return `                   ${name}: ${faults.join(", ")}`;
});
const HELP = `Simulates a part of the product, one small world with faults a seed.

  --scenario NAME  ${[...SCENARIOS.keys()].join(" or ")} (cinema)
  --seeds N        how many seeds (500)
  --from S         the first of them (1)
  --seed S         this one alone, with everything that happens in it
  --jobs J         processes at once (1)
  --fault NAME     with a mistake planted:
${FAULTS.join("\n")}
`;

/** Failures after which it is pointless to look for more. */
const FAILURES_MAX = 10;
const PROGRESS_MS = 10_000;

interface Share {
  readonly scenario: string;
  readonly from: number;
  readonly below: number;
  readonly step: number;
  readonly fault: string | undefined;
}

function scenarioNamed(name: string, fault: string | undefined): Scenario {
  const scenario = SCENARIOS.get(name);
  if (scenario === undefined) throw new Error(`There is no scenario ${name}.\n${HELP}`);
  if (fault !== undefined && !scenario.faults.includes(fault)) {
    throw new Error(`There is no fault ${fault} in ${name}.\n${HELP}`);
  }
  return scenario;
}

/** One seed, told line by line. */
async function tell(seed: number, name: string, fault: string | undefined): Promise<boolean> {
  await using stage = await scenarioNamed(name, fault).open();
  const show = (line: string) => console.log(line);
  const { violation, digest, steps } = await stage.run({ seed, fault, show });
  console.log(`seed ${seed}: ${steps} events, ${digest}`);
  console.log(violation === undefined ? "✔ nothing is wrong" : `✖ ${violation}`);
  return violation === undefined;
}

/** A process's share of the seeds; each report goes to the listener. */
async function runShare(share: Share, report: (report: SeedReport) => void): Promise<void> {
  const { fault } = share;
  await using stage = await scenarioNamed(share.scenario, fault).open();
  await runSeeds(share, (seed) => stage.run({ seed, fault }), report);
}

/** The same in a process of its own. */
function forkShare(share: Share, report: (report: SeedReport) => void): Promise<void> {
  const child: ChildProcess = fork(import.meta.filename, [], {
    env: { ...process.env, STOA_SIMULATOR_SHARE: JSON.stringify(share) },
  });
  child.on("message", (message) => report(message as SeedReport));
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`A process of the simulator ended with ${code}.`));
    });
  });
}

interface Plan {
  readonly scenario: string;
  readonly from: number;
  readonly count: number;
  readonly jobs: number;
  readonly fault: string | undefined;
}

async function runAll({ scenario, from, count, jobs, fault }: Plan): Promise<boolean> {
  const startedMs = Date.now();
  const failed: SeedReport[] = [];
  let [done, twice, events, commits] = [0, 0, 0, 0];
  const seconds = () => (Date.now() - startedMs) / 1_000;
  const report = (one: SeedReport) => {
    done += 1;
    twice += one.isReplayed ? 1 : 0;
    events += one.steps;
    commits += one.commits;
    if (one.violation === undefined) return;
    failed.push(one);
    console.log(`✖ seed ${one.seed}: ${one.violation}`);
    const planted = fault === undefined ? "" : ` --fault ${fault}`;
    console.log(`  npm run simulate -- --scenario ${scenario} --seed ${one.seed}${planted}`);
    if (failed.length >= FAILURES_MAX) process.exit(1);
  };
  const progress = setInterval(() => {
    console.log(`… ${done} of ${count} seeds in ${seconds().toFixed(0)} s`);
  }, PROGRESS_MS);
  const shares = Array.from({ length: jobs }, (_, job) => ({
    scenario,
    from: from + job,
    below: from + count,
    step: jobs,
    fault,
  }));
  const run = jobs === 1 ? runShare : forkShare;
  await Promise.all(shares.map((share) => run(share, report)));
  clearInterval(progress);
  const milliseconds = ((seconds() * 1_000 * jobs) / Math.max(1, done)).toFixed(0);
  console.log(
    `${failed.length === 0 ? "✔" : "✖"} ${done} seeds from ${from}, ${failed.length} failed, ` +
      `${twice} replayed alike; ${events} events, ${commits} commits; ` +
      `${seconds().toFixed(0)} s with ${jobs} process(es), ${milliseconds} ms a seed`,
  );
  return failed.length === 0;
}

const given = process.env["STOA_SIMULATOR_SHARE"];
if (given !== undefined) {
  // Nobody listens any more: the parent has ended, or this share is done.
  process.once("disconnect", () => process.exit());
  await runShare(JSON.parse(given) as Share, (report) => process.send?.(report));
  process.disconnect();
} else {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", default: "cinema" },
      seeds: { type: "string", default: "500" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      jobs: { type: "string", default: "1" },
      fault: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { scenario, seed, seeds, from, jobs, fault } = values;
  const plan = { scenario, from: +from, count: +seeds, jobs: +jobs, fault };
  if (values.help) console.log(HELP);
  else if (seed !== undefined) process.exitCode = (await tell(+seed, scenario, fault)) ? 0 : 1;
  else process.exitCode = (await runAll(plan)) ? 0 : 1;
}
