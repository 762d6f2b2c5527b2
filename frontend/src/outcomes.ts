// Tell what reviewers have decided since somebody was here last; each decision once in this browser.
import type { Facts } from "./facts";
import { keep, recall } from "./shelf";
import { toast } from "./toast";

export interface Outcome {
  review: string;
  conversation: string;
  title: string;
  state: "upheld" | "overturned";
}

const SAYS: Record<Outcome["state"], string> = {
  upheld: "A reviewer agreed with the policy",
  overturned: "A reviewer let a text pass",
};

/** Who looks at the conversation reads it there, in the receipt. */
export function tellOutcomes({ outcomes, conversation: shown, user, organization }: Facts): void {
  const name = `outcomes:${user.id}:${organization}`;
  const told = recall(name).split(" ");
  const news = outcomes.filter((one) => !told.includes(one.review));
  keep(name, outcomes.map((one) => one.review).join(" "));
  for (const { conversation, state, title } of news)
    if (conversation !== shown?.id)
      toast({ text: `${SAYS[state]} in “${title}”. Open the chat to read more.` });
}
