import { useState } from "preact/hooks";
import { CallError, call } from "../../api.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Problem, Skeleton } from "../../ui/feedback.tsx";
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

export function ScreeningDialog(props: {
  readonly screening: ScreeningSummary | undefined;
  readonly halls: readonly HallSummary[];
  onClose(): void;
}) {
  const { screening, halls } = props;
  const [title, setTitle] = useState(screening?.title ?? "");
  const [description, setDescription] = useState(screening?.description ?? "");
  const [hallId, setHallId] = useState(screening?.hallId ?? halls[0]?.id ?? "");
  const [starts, setStarts] = useState(
    screening === undefined ? defaultStart() : writeLocal(screening.startsAtMs),
  );
  const [minutes, setMinutes] = useState(String(screening?.durationMinutes ?? DEFAULT_MINUTES));
  const [currency, setCurrency] = useState(screening?.currency ?? DEFAULT_CURRENCY);
  const [prices, setPrices] = useState<Readonly<Record<string, string>>>(() =>
    writePrices(screening),
  );
  const hall = useLoad(() => call("cinema.getHall", { id: hallId }), hallId);
  const categories = hall.value?.plan.categories ?? [];
  const save = useAction(async () => {
    const saved = await call("cinema.saveScreening", {
      ...(screening === undefined ? {} : { id: screening.id }),
      hallId,
      title: title.trim(),
      description: description.trim(),
      startsAtMs: new Date(starts).getTime(),
      durationMinutes: Number(minutes),
      currency: currency.trim().toUpperCase(),
      prices: readPrices(categories, prices, currency),
    });
    toast(`${saved.title} is saved.`, "good");
    props.onClose();
  });
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
        <Field
          label="Film"
          value={title}
          required
          maxLength={120}
          problem={save.problems["title"]}
          onValue={setTitle}
        />
        <Field
          label="About the film"
          value={description}
          rows={3}
          maxLength={1_000}
          hint="A sentence or two."
          problem={save.problems["description"]}
          onValue={setDescription}
        />
        <div class="columns">
          <Select
            label="Hall"
            value={hallId}
            options={halls.map(({ id, name, seatCount }) => ({
              value: id,
              text: `${name} (${seatCount} seats)`,
            }))}
            problem={save.problems["hallId"]}
            onValue={setHallId}
          />
          <Field
            label="Begins at"
            type="datetime-local"
            value={starts}
            required
            problem={save.problems["startsAtMs"]}
            onValue={setStarts}
          />
          <Field
            label="Length in minutes"
            type="number"
            inputMode="numeric"
            min="1"
            max="1440"
            value={minutes}
            required
            problem={save.problems["durationMinutes"]}
            onValue={setMinutes}
          />
          <Field
            label="Currency"
            value={currency}
            required
            maxLength={3}
            hint="Three letters, such as EUR."
            problem={save.problems["currency"]}
            onValue={setCurrency}
          />
        </div>
        <fieldset class="stack tight">
          <legend class="card-title">Prices</legend>
          <Problem error={hall.error} retry={hall.reload} />
          {hall.value === undefined && hall.error === undefined && <Skeleton lines={2} />}
          <div class="columns">
            {categories.map(({ id, name }) => (
              <Field
                key={id}
                label={name}
                inputMode="decimal"
                value={prices[id] ?? ""}
                required
                onValue={(text) => setPrices({ ...prices, [id]: text })}
              />
            ))}
          </div>
        </fieldset>
        <Problem error={save.error} />
        <Button type="submit" kind="primary" wide busy={save.busy}>
          Save
        </Button>
      </form>
    </Dialog>
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
  categories: readonly { readonly id: string; readonly name: string }[],
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
