import { useState } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Check } from "../../ui/field.tsx";
import { saveFile } from "../../ui/save-file.ts";

/** Shown once: the server keeps nothing of them that could be shown again. */
export function RecoveryCodes(props: {
  readonly codes: readonly string[];
  readonly username: string;
  onDone(): void;
}) {
  const [kept, setKept] = useState(false);
  const text = props.codes.join("\n");
  const download = () =>
    saveFile(
      "stoa-recovery-codes.txt",
      "text/plain",
      `Recovery codes of ${props.username} at ${window.location.host}\n\n${text}\n`,
    );
  return (
    <div class="stack">
      <p>
        Each of these gets you in once, when your phone is lost. They are shown this one time: print
        them, or keep them in a password manager.
      </p>
      <ul class="codes" aria-label="Recovery codes">
        {props.codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="split">
        <CopyButton text={text} label="Copy all" />
        <Button icon="download" onPress={download}>
          Download
        </Button>
      </div>
      <Check label="I have kept them somewhere safe" checked={kept} onChange={setKept} />
      <Button kind="primary" wide disabled={!kept} onPress={props.onDone}>
        Go on
      </Button>
    </div>
  );
}
