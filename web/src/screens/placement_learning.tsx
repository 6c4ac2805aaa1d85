// What a placement learns from while it shows: the policy that draws, and what counts as success.

import type { BanditRewards, Placement } from "../lib/types";
import { Choice } from "../components/choice";

export const policies: Record<string, string> = {
  thompson_linear: "Thompson sampling, linear",
  thompson_beta: "Thompson sampling, each item by itself",
  thompson_logistic: "Thompson sampling, logistic",
  lin_ucb: "LinUCB, each item by itself",
  lin_ucb_hybrid: "LinUCB, hybrid",
  square_cb: "SquareCB",
  epsilon_greedy: "Epsilon-greedy",
  greedy: "Greedy",
};

const rewards: Record<keyof Omit<BanditRewards, "revenue_max">, string> = {
  click: "A click",
  cart: "Into the cart",
  purchase: "A purchase",
  revenue: "Revenue",
};

interface Props {
  draft: Placement;
  change: (part: Partial<Placement>) => void;
}

export function Learning({ draft, change }: Props) {
  const policy = draft.bandit ?? "none";
  const weights: BanditRewards = draft.bandit_rewards ?? { click: 1 };
  const weigh = (key: keyof BanditRewards, given: number): void => {
    const { [key]: _, ...rest } = weights;
    const next = given > 0 ? { ...rest, [key]: given } : rest;
    if (Object.keys(next).some((each) => each !== "revenue_max")) change({ bandit_rewards: next });
  };
  return (
    <>
      <Choice
        label="Learns while it shows, by"
        value={policy}
        words={{ none: "Nothing: the strategies' order", ...policies }}
        set={(bandit) => change({ bandit })}
      />
      {policy !== "none" && (
        <fieldset class="plain">
          <legend>What counts as success, and how much</legend>
          <div class="field-pair">
            {Object.entries(rewards).map(([key, word]) => (
              <label key={key} class="field">
                <span>{word}</span>
                <input
                  type="number"
                  min={0}
                  max={1000}
                  step={0.1}
                  value={weights[key as keyof BanditRewards] ?? 0}
                  onInput={(event) => {
                    const given = event.currentTarget.valueAsNumber;
                    if (Number.isFinite(given)) weigh(key as keyof BanditRewards, given);
                  }}
                />
              </label>
            ))}
            {weights.revenue !== undefined && (
              <label class="field">
                <span>Revenue that counts as a whole</span>
                <input
                  type="number"
                  min={0.01}
                  max={1_000_000}
                  step={0.01}
                  value={weights.revenue_max ?? 100}
                  onInput={(event) => {
                    const given = event.currentTarget.valueAsNumber;
                    if (given > 0) weigh("revenue_max", given);
                  }}
                />
              </label>
            )}
            <label class="field">
              <span>Half forgotten after, hours</span>
              <input
                type="number"
                min={0}
                max={100_000}
                step={1}
                value={draft.bandit_half_life_h ?? 0}
                onInput={(event) => {
                  const given = event.currentTarget.valueAsNumber;
                  if (Number.isFinite(given)) change({ bandit_half_life_h: given });
                }}
              />
              <small>0: nothing is forgotten. Tastes that change want a week or so.</small>
            </label>
          </div>
        </fieldset>
      )}
    </>
  );
}
