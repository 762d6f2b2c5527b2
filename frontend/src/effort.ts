// How much a model may think before it answers.

export type Effort = "off" | "low" | "medium" | "high" | "max" | "on";

const ORDER: Effort[] = ["off", "low", "medium", "high", "max", "on"];
const BUDGETS: Partial<Record<Effort, number>> = { low: 1024, medium: 4096, high: 16_384, max: 28_672 };

export function lesser(one: Effort, other: Effort): Effort {
  return ORDER.indexOf(one) < ORDER.indexOf(other) ? one : other;
}

/** The efforts that are offered, least first. */
export function inOrder(efforts: readonly Effort[]): Effort[] {
  return ORDER.filter((one) => efforts.includes(one));
}

export function effortWords(effort: Effort): string {
  const budget = BUDGETS[effort];
  if (budget) return `up to ${budget.toLocaleString()} tokens of thought`;
  return effort === "off" ? "answers at once" : "thinks as long as it needs";
}

/** What a next try may be: without thought, with some, with more. */
export function otherEfforts(used: Effort, offered: readonly Effort[]): { effort: Effort; words: string }[] {
  const efforts = inOrder(offered);
  if (used === "off") {
    const some = efforts.includes("medium") ? "medium" : efforts.find((one) => one !== "off");
    return some ? [{ effort: some, words: "Try again with thinking" }] : [];
  }
  const more = efforts.find((one) => ORDER.indexOf(one) > ORDER.indexOf(used));
  return [
    ...(more ? [{ effort: more, words: "Try again, thinking more" }] : []),
    ...(efforts.includes("off") ? [{ effort: "off" as const, words: "Try again without thinking" }] : []),
  ];
}
