// What may happen to a test, each with its reason: start, pause, resume, complete, cancel.

import { useState } from "preact/hooks";
import { explain, post } from "../lib/api";
import type { AbTest, TestVariation } from "../lib/test_types";
import { inOrder } from "../lib/tests";
import { Choice } from "../components/choice";
import { Dialog } from "../components/dialog";
import { toast } from "../components/toast";

export type Step = "start" | "pause" | "resume" | "complete" | "cancel";

const words: Record<Step, { title: string; text: string; done: string; needsReason?: boolean }> = {
  start: {
    title: "Start",
    text: "People are given variations from now on, and what decides about that is locked.",
    done: "It runs",
  },
  pause: {
    title: "Pause",
    text: "Nobody is given a variation until it is resumed. What people did so far stays counted.",
    done: "Paused",
  },
  resume: { title: "Resume", text: "People are given variations again, the same ones.", done: "It runs again" },
  complete: {
    title: "Complete",
    text: "The test ends for good, and its results stay as they are then. Everybody gets what your page or flag shows without a test.",
    done: "Completed",
    needsReason: true,
  },
  cancel: {
    title: "Cancel",
    text: "The test ends for good without a decision. What was counted can still be read.",
    done: "Cancelled",
    needsReason: true,
  },
};

interface Props {
  step: Step;
  test: AbTest;
  variations: readonly TestVariation[];
  suggested?: string | undefined;
  onClose: () => void;
  onDone: () => void;
  /** Gets a refusal instead of the dialog, which then closes. */
  onRefused?: (error: unknown) => void;
}

export function StepDialog(props: Props) {
  const { step, test, variations, suggested, onClose, onDone, onRefused } = props;
  const { title, text, done, needsReason = false } = words[step];
  const [reason, setReason] = useState("");
  const [winner, setWinner] = useState(suggested ?? "");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const take = async (): Promise<void> => {
    setBusy(true);
    const body = {
      ...(reason.trim() && { reason: reason.trim() }),
      ...(step === "complete" && winner && { winner }),
    };
    try {
      await post(`/api/v1/ab_tests/${encodeURIComponent(test.id)}/${step}`, body);
      toast(done);
      onDone();
      onClose();
    } catch (error) {
      setBusy(false);
      setProblem(explain(error));
      if (onRefused) {
        onRefused(error);
        onClose();
      }
    }
  };
  const names = Object.fromEntries(inOrder(variations).map((each) => [each.variation_id, each.name]));
  return (
    <Dialog title={`${title} “${test.name}”`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void take();
        }}
      >
        <p>{text}</p>
        {step === "complete" && (
          <Choice
            label="What goes on"
            value={winner}
            words={{ "": "No winner", ...names }}
            set={setWinner}
          />
        )}
        <label class="field">
          <span>Why{needsReason ? "" : " (may be left empty)"}</span>
          <textarea
            rows={3}
            maxLength={1000}
            required={needsReason}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          <small>Kept with the test, with your name and the time.</small>
        </label>
        <p class="form-error" role="alert">
          {problem}
        </p>
        <div class="form-actions">
          <button type="submit" class={`button ${step === "cancel" ? "danger" : "primary"}`} disabled={busy}>
            {step === "cancel" ? "Cancel the test" : title}
          </button>
          <button type="button" class="button" onClick={onClose}>
            Not now
          </button>
        </div>
      </form>
    </Dialog>
  );
}
