// Text to paste somewhere, with a button that copies it.

import { toast } from "./toast";
import { Icon } from "./icons";

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without https have no clipboard API except on localhost; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export function CodeBlock({ text, label }: { text: string; label: string }) {
  const onCopy = async (): Promise<void> => {
    toast(
      (await copy(text))
        ? "Copied"
        : "The browser does not allow copying: select the text instead.",
    );
  };
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
      <button
        type="button"
        class="button small"
        aria-label={`Copy ${label.toLowerCase()}`}
        onClick={onCopy}
      >
        <Icon name="copy" size={14} /> Copy
      </button>
    </div>
  );
}
