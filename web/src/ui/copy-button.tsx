import { toast } from "./announce.ts";
import { Button } from "./button.tsx";

export function CopyButton(props: { readonly text: string; readonly label: string }) {
  const copy = () => {
    navigator.clipboard.writeText(props.text).then(
      () => {
        toast("Copied.", "good");
      },
      () => toast("Copying is not allowed here. Select the text and copy it yourself.", "bad"),
    );
  };
  return (
    <Button icon="copy" onPress={copy}>
      {props.label}
    </Button>
  );
}
