// Before something goes for good: says what, and asks for its name.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { explain } from "../lib/api";
import { Dialog } from "./dialog";

interface Props {
  title: string;
  /** What is typed: "the key’s name". */
  asked: string;
  name: string;
  /** What the button says. */
  action: string;
  /** Does it, and takes the dialog away. What it throws is shown here. */
  act: () => Promise<unknown>;
  onClose: () => void;
  children: ComponentChildren;
}

export function ConfirmDialog(props: Props) {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await props.act();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        <p>{props.children}</p>
        <label class="field">
          <span>Type {props.asked} to confirm</span>
          <input
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <p class="form-error" role="alert">
          {problem}
        </p>
        <div class="form-actions">
          <button type="submit" class="button danger" disabled={typed.trim() !== props.name}>
            {props.action}
          </button>
          <button type="button" class="button" onClick={props.onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
