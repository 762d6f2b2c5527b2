// What an organization offers, for tests.
import type { Choices, ModelChoice } from "../src/choices";

export function model(id: string, facts: Partial<ModelChoice> = {}): ModelChoice {
  return {
    id,
    name: `Model ${id}`,
    description: "",
    trial: false,
    ready: true,
    words: "",
    context: 131_072,
    reasoning: true,
    tools: true,
    schema: true,
    ...facts,
  };
}

export function offers(facts: Partial<Choices> = {}): Choices {
  return {
    models: [model("large"), model("plain", { reasoning: false })],
    presets: [
      { id: "clerk", name: "Clerk", description: "", model: "plain", effort: "", format: "json" },
      { id: "judge", name: "Judge", description: "", model: null, effort: "high", format: "" },
    ],
    schemas: [{ id: "invoice", name: "Invoice", description: "" }],
    efforts: ["off", "low", "medium", "high"],
    effort: { effort: "low", source: "organization", locked: false },
    sees_reasoning: true,
    default_model: "large",
    default_preset: null,
    ...facts,
  };
}
