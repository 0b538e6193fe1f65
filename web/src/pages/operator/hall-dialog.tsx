import { useMemo, useState } from "preact/hooks";
import { CallError, call, post } from "../../api.ts";
import { count, list, moment, sortLabels } from "../../format.ts";
import { LiveSeats, type Look } from "../../seatmap/live-seats.ts";
import { PlanIndex } from "../../seatmap/plan-index.ts";
import { SeatMap } from "../../seatmap/seat-map.tsx";
import { announce, toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Notice, Problem, Skeleton } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { useAction, useLoad } from "../../ui/load.ts";
import type { HallSummary } from "./answers.ts";
import type { HallFile } from "./hall-file.ts";
import { placeWords } from "./plan-places.ts";
import type { FileProblem, ReadFile } from "./read-hall-file.ts";
import { simplePlan } from "./simple-plan.ts";

type Plan = HallFile["plan"];

/** Problems that are listed one by one. */
const PROBLEMS_SHOWN_MAX = 30;

/** The checks of a file come when there is one: they are larger than the rest of this page. */
async function readFile(text: string): Promise<ReadFile> {
  await import("../../schemas-without-eval.ts");
  const { readHallFile } = await import("./read-hall-file.ts");
  return readHallFile(text);
}

interface Problems {
  /** The first of them. */
  readonly listed: readonly FileProblem[];
  readonly total: number;
}

function firstOf(problems: readonly FileProblem[], total = problems.length): Problems {
  return { listed: problems.slice(0, PROBLEMS_SHOWN_MAX), total };
}

interface HallDialogProps {
  readonly cinemaId: number;
  /** Absent: another hall is added. */
  readonly hall: HallSummary | undefined;
  onClose(): void;
  onSaved(): void;
}

/** Takes a hall from a file or makes a simple one, shows it, and saves it. */
export function HallDialog(props: HallDialogProps) {
  const { hall } = props;
  const known = useLoad(
    async () => (hall === undefined ? null : (await call("cinema.getHall", { id: hall.id })).plan),
    hall?.id ?? "new",
  );
  const [name, setName] = useState(hall?.name ?? "");
  const [chosen, setChosen] = useState<Plan>();
  const [problems, setProblems] = useState<Problems>();
  const plan = chosen ?? known.value ?? undefined;
  const take = useAction(async (file: File) => {
    const read = await readFile(await file.text());
    if (!read.ok) {
      setProblems(firstOf(read.problems));
      return;
    }
    setChosen(read.file.plan);
    setProblems(undefined);
    if (name.trim() === "") setName(read.file.name);
    announce("The plan is read. Look at it before you save.");
  });
  const save = useSave(props, { name: name.trim(), plan, onProblems: setProblems });
  return (
    <Dialog
      wide
      title={hall === undefined ? "Import a hall" : `Change ${hall.name}`}
      onClose={props.onClose}
    >
      <div class="columns">
        <FilePicker onFile={take.run} />
        {hall === undefined && <SimpleForm onPlan={setChosen} />}
      </div>
      <Problem error={take.error} />
      {problems !== undefined && <ProblemList problems={problems} />}
      <Problem error={known.error} retry={known.reload} />
      {hall !== undefined && known.value === undefined && known.error === undefined && (
        <Skeleton lines={3} />
      )}
      {plan !== undefined && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            save.run();
          }}
        >
          <Preview plan={plan} />
          <Field
            label="Name of the hall"
            value={name}
            required
            maxLength={80}
            problem={save.problems["name"]}
            onValue={setName}
          />
          {save.problems["name"] === undefined && <Problem error={save.error} />}
          <Button type="submit" kind="primary" wide busy={save.busy}>
            Save the hall
          </Button>
        </form>
      )}
    </Dialog>
  );
}

interface Edited {
  readonly name: string;
  readonly plan: Plan | undefined;
  onProblems(problems: Problems | undefined): void;
}

function useSave(props: HallDialogProps, { name, plan, onProblems }: Edited) {
  const { cinemaId, hall } = props;
  return useAction(async () => {
    if (plan === undefined) return;
    onProblems(undefined);
    const id = hall === undefined ? {} : { id: hall.id };
    try {
      // A plan may be larger than a frame of the socket.
      const saved = await post("cinema.saveHall", { ...id, cinemaId, name, plan });
      toast(`${saved.name} is saved, with ${count(saved.seatCount, "seat")}.`, "good");
      props.onSaved();
    } catch (error) {
      const found = problemsOf(error, plan);
      if (found === undefined) throw error;
      onProblems(found);
    }
  });
}

function FilePicker(props: { onFile(file: File): void }) {
  return (
    <div class="stack tight">
      <h3>From a file</h3>
      <label class="file-drop">
        <span class="strong">Choose a JSON file</span>
        <span class="soft small">Exported here, or made by a program of yours.</span>
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            const input = event.currentTarget;
            const file = input.files?.[0];
            if (file === undefined) return;
            // The same file can be chosen again once it is corrected.
            props.onFile(file);
            input.value = "";
          }}
        />
      </label>
    </div>
  );
}

function SimpleForm(props: { onPlan(plan: Plan): void }) {
  const [rows, setRows] = useState("10");
  const [seats, setSeats] = useState("14");
  const inRange = (text: string, max: number) => /^\d+$/.test(text) && +text >= 1 && +text <= max;
  const valid = inRange(rows, 50) && inRange(seats, 60);
  return (
    <div class="stack tight">
      <h3>Or a simple one</h3>
      <div class="columns narrow">
        <Field
          label="Rows"
          type="number"
          inputMode="numeric"
          min="1"
          max="50"
          value={rows}
          onValue={setRows}
        />
        <Field
          label="Seats in a row"
          type="number"
          inputMode="numeric"
          min="1"
          max="60"
          value={seats}
          onValue={setSeats}
        />
      </div>
      <Button
        disabled={!valid}
        onPress={() => props.onPlan(simplePlan({ rows: +rows, seatsPerRow: +seats }))}
      >
        Make it
      </Button>
    </div>
  );
}

function ProblemList({ problems }: { readonly problems: Problems }) {
  const more = problems.total - problems.listed.length;
  return (
    <Notice kind="bad" alert>
      <p class="strong">
        Nothing was saved: {count(problems.total, "problem")} must be put right in the plan.
      </p>
      <ul class="problems">
        {problems.listed.map((problem) => (
          <li key={`${problem.where} ${problem.message}`}>
            <strong>{problem.where}</strong>: {problem.message}
          </li>
        ))}
      </ul>
      {more > 0 && <p>And {count(more, "more", "more")}.</p>}
    </Notice>
  );
}

/** In a preview nothing is taken, and nothing is unavailable. */
const PREVIEWED: ReadonlySet<Look> = new Set(["free"]);

/** The plan as it will be drawn, every seat free. */
function Preview({ plan }: { readonly plan: Plan }) {
  const live = useMemo(() => new LiveSeats(new PlanIndex(plan)), [plan]);
  const { index } = live;
  const sections = index.sections.map(({ name }) => name);
  return (
    <div class="stack tight preview">
      <p class="soft">
        {count(index.seats.length, "seat")} in {list(sections)},{" "}
        {count(index.categories.length, "category", "categories")}.
      </p>
      <SeatMap
        live={live}
        label="Preview of the hall"
        choosable={PREVIEWED}
        describe={(seat) => `${seat.id}, ${index.categoryName(seat.category)}`}
        hint={(seat) => ({ title: seat.id, text: index.categoryName(seat.category) })}
        onSeat={(seat) => announce(`${seat.id}, ${index.categoryName(seat.category)}`)}
      />
    </div>
  );
}

/** What the service found in a plan that is well-formed and still cannot be. */
function problemsOf(error: unknown, plan: Plan): Problems | undefined {
  if (!(error instanceof CallError)) return undefined;
  const { problems, problemsTotal, screenings, issues } = error.data as RefusedPlan;
  if (error.code === "PLAN_INVALID" && problems !== undefined) {
    return firstOf(
      problems.map(({ path, message }) => ({ where: placeWords(path, plan), message })),
      problemsTotal,
    );
  }
  if (error.code === "PLAN_IN_USE" && screenings !== undefined) {
    return firstOf(
      screenings.map(({ title, startsAtMs, seatIds }) => ({
        where: `${title}, ${moment(startsAtMs)}`,
        message: `the plan lacks ${list(sortLabels(seatIds))}, which somebody has booked or holds.`,
      })),
    );
  }
  const inPlan = issues?.filter(({ path }) => path[0] === "plan") ?? [];
  if (error.code !== "INVALID_INPUT" || inPlan.length === 0) return undefined;
  return firstOf(
    inPlan.map(({ path, message }) => ({ where: placeWords(path.slice(1), plan), message })),
  );
}

interface Placed {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The data of PLAN_INVALID, PLAN_IN_USE and INVALID_INPUT. */
interface RefusedPlan {
  readonly problems?: readonly Placed[];
  readonly problemsTotal?: number;
  readonly screenings?: readonly {
    readonly title: string;
    readonly startsAtMs: number;
    readonly seatIds: readonly string[];
  }[];
  readonly issues?: readonly Placed[];
}
