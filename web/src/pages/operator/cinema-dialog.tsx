import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { useAction } from "../../ui/load.ts";
import type { Cinema } from "./answers.ts";

export function CinemaDialog(props: {
  readonly cinema: Cinema | undefined;
  onClose(): void;
  onSaved(cinema: Cinema): void;
}) {
  const [name, setName] = useState(props.cinema?.name ?? "");
  const [city, setCity] = useState(props.cinema?.city ?? "");
  const [address, setAddress] = useState(props.cinema?.address ?? "");
  const save = useAction(async () => {
    const saved = await call("cinema.saveCinema", {
      ...(props.cinema === undefined ? {} : { id: props.cinema.id }),
      name: name.trim(),
      city: city.trim(),
      address: address.trim(),
    });
    toast(`${saved.name} is saved.`, "good");
    props.onSaved(saved);
  });
  return (
    <Dialog
      title={props.cinema === undefined ? "Add a cinema" : "Edit the cinema"}
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
          label="Name"
          value={name}
          required
          maxLength={80}
          problem={save.problems["name"]}
          onValue={setName}
        />
        <Field
          label="City"
          value={city}
          required
          maxLength={80}
          problem={save.problems["city"]}
          onValue={setCity}
        />
        <Field
          label="Address"
          value={address}
          maxLength={200}
          problem={save.problems["address"]}
          onValue={setAddress}
        />
        {Object.keys(save.problems).length === 0 && <Problem error={save.error} />}
        <Button type="submit" kind="primary" wide busy={save.busy}>
          Save
        </Button>
      </form>
    </Dialog>
  );
}
