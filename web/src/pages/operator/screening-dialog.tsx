import { useState } from "preact/hooks";
import { CallError, call } from "../../api.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Loading, Problem } from "../../ui/feedback.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { useAction, useLoad } from "../../ui/load.ts";
import type { ScreeningSummary } from "../../ui/programme.ts";
import type { HallSummary } from "./answers.ts";
import { parseAmount, writeAmount, writeLocal } from "./inputs.ts";

const DEFAULT_CURRENCY = "EUR";
const DEFAULT_MINUTES = 110;

/** Tomorrow at eight in the evening: a beginning for what is typed. */
function defaultStart(): string {
  const date = new Date();
  date.setDate(date.getDate() + 1);
  date.setHours(20, 0, 0, 0);
  return writeLocal(date.getTime());
}

/** What is typed so far. */
interface Draft {
  readonly title: string;
  readonly description: string;
  readonly hallId: string;
  readonly starts: string;
  readonly minutes: string;
  readonly currency: string;
  /** By category. */
  readonly prices: Readonly<Record<string, string>>;
}

function draftOf(screening: ScreeningSummary | undefined, halls: readonly HallSummary[]): Draft {
  return {
    title: screening?.title ?? "",
    description: screening?.description ?? "",
    hallId: screening?.hallId ?? halls[0]?.id ?? "",
    starts: screening === undefined ? defaultStart() : writeLocal(screening.startsAtMs),
    minutes: String(screening?.durationMinutes ?? DEFAULT_MINUTES),
    currency: screening?.currency ?? DEFAULT_CURRENCY,
    prices: writePrices(screening),
  };
}

export function ScreeningDialog(props: {
  readonly screening: ScreeningSummary | undefined;
  readonly halls: readonly HallSummary[];
  onClose(): void;
}) {
  const { screening, halls } = props;
  const [draft, setDraft] = useState(() => draftOf(screening, halls));
  const hall = useLoad(() => call("cinema.getHall", { id: draft.hallId }), draft.hallId);
  const categories = hall.value?.plan.categories ?? [];
  const save = useAction(async () => {
    const saved = await call("cinema.saveScreening", {
      ...(screening === undefined ? {} : { id: screening.id }),
      hallId: draft.hallId,
      title: draft.title.trim(),
      description: draft.description.trim(),
      startsAtMs: new Date(draft.starts).getTime(),
      durationMinutes: Number(draft.minutes),
      currency: draft.currency.trim().toUpperCase(),
      prices: readPrices(categories, draft.prices, draft.currency),
    });
    toast(`${saved.title} is saved.`, "good");
    props.onClose();
  });
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const fields = { draft, problems: save.problems, onChange: change };
  return (
    <Dialog
      wide
      title={screening === undefined ? "Add a screening" : "Edit the screening"}
      onClose={props.onClose}
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        <FilmFields {...fields} />
        <TimeAndPlace {...fields} halls={halls} />
        <fieldset class="stack tight">
          <legend class="card-title">Prices</legend>
          <Loading of={hall} lines={2} />
          <PriceFields {...fields} categories={categories} />
        </fieldset>
        <Problem error={save.error} />
        <Button type="submit" kind="primary" wide busy={save.busy}>
          Save
        </Button>
      </form>
    </Dialog>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly problems: Readonly<Record<string, string>>;
  onChange(part: Partial<Draft>): void;
}

function FilmFields({ draft, problems, onChange }: FieldsProps) {
  return (
    <>
      <Field
        label="Film"
        value={draft.title}
        required
        maxLength={120}
        problem={problems["title"]}
        onValue={(title) => onChange({ title })}
      />
      <Field
        label="About the film"
        value={draft.description}
        rows={3}
        maxLength={1_000}
        hint="A sentence or two."
        problem={problems["description"]}
        onValue={(description) => onChange({ description })}
      />
    </>
  );
}

function TimeAndPlace(props: FieldsProps & { readonly halls: readonly HallSummary[] }) {
  const { draft, problems, onChange } = props;
  return (
    <div class="columns">
      <Select
        label="Hall"
        value={draft.hallId}
        options={props.halls.map(({ id, name, seatCount }) => ({
          value: id,
          text: `${name} (${seatCount} seats)`,
        }))}
        problem={problems["hallId"]}
        onValue={(hallId) => onChange({ hallId })}
      />
      <Field
        label="Begins at"
        type="datetime-local"
        value={draft.starts}
        required
        problem={problems["startsAtMs"]}
        onValue={(starts) => onChange({ starts })}
      />
      <Field
        label="Length in minutes"
        type="number"
        inputMode="numeric"
        min="1"
        max="1440"
        value={draft.minutes}
        required
        problem={problems["durationMinutes"]}
        onValue={(minutes) => onChange({ minutes })}
      />
      <Field
        label="Currency"
        value={draft.currency}
        required
        maxLength={3}
        hint="Three letters, such as EUR."
        problem={problems["currency"]}
        onValue={(currency) => onChange({ currency })}
      />
    </div>
  );
}

interface Priced {
  readonly id: string;
  readonly name: string;
}

function PriceFields(props: FieldsProps & { readonly categories: readonly Priced[] }) {
  const { prices } = props.draft;
  return (
    <div class="columns">
      {props.categories.map(({ id, name }) => (
        <Field
          key={id}
          label={name}
          inputMode="decimal"
          value={prices[id] ?? ""}
          required
          onValue={(text) => props.onChange({ prices: { ...prices, [id]: text } })}
        />
      ))}
    </div>
  );
}

function writePrices(screening: ScreeningSummary | undefined): Record<string, string> {
  const prices: Record<string, string> = {};
  for (const [category, amount] of Object.entries(screening?.prices ?? {})) {
    prices[category] = writeAmount(amount, screening?.currency ?? DEFAULT_CURRENCY);
  }
  return prices;
}

function readPrices(
  categories: readonly Priced[],
  typed: Readonly<Record<string, string>>,
  currency: string,
): Record<string, number> {
  const prices: Record<string, number> = {};
  for (const { id, name } of categories) {
    const amount = parseAmount(typed[id] ?? "", currency);
    if (amount === undefined) {
      throw new CallError("INVALID_INPUT", `The price of “${name}” is no amount, such as 12.50.`);
    }
    prices[id] = amount;
  }
  return prices;
}
