import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { type Account, account } from "../../session.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { useAction } from "../../ui/load.ts";

export function ProfileCard(props: { readonly account: Account }) {
  const { account: mine } = props;
  const [username, setUsername] = useState(mine.username ?? "");
  const [displayName, setDisplayName] = useState(mine.displayName);
  const [description, setDescription] = useState(mine.description);
  const save = useAction(async () => {
    account.value = await call("auth.updateProfile", {
      displayName: displayName.trim(),
      description: description.trim(),
      ...(username.trim() === "" || username.trim() === mine.username
        ? {}
        : { username: username.trim() }),
    });
    toast("Your profile is saved.", "good");
  });
  return (
    <section class="card" aria-labelledby="profile-title">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        <h2 class="card-title" id="profile-title">
          Profile
        </h2>
        <Field
          label="Username"
          value={username}
          autocomplete="username"
          maxLength={32}
          hint="You sign in with it. Letters, digits, dots, dashes and underscores."
          problem={save.problems["username"]}
          onValue={setUsername}
        />
        <Field
          label="Name shown to others"
          value={displayName}
          autocomplete="name"
          maxLength={80}
          problem={save.problems["displayName"]}
          onValue={setDisplayName}
        />
        <Field
          label="About you"
          value={description}
          rows={3}
          maxLength={500}
          problem={save.problems["description"]}
          onValue={setDescription}
        />
        {Object.keys(save.problems).length === 0 && <Problem error={save.error} />}
        <div>
          <Button type="submit" kind="primary" busy={save.busy}>
            Save
          </Button>
        </div>
      </form>
    </section>
  );
}
