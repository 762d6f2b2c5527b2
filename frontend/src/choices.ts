// What may be chosen here, and what holds for the next answer.
import { inOrder, lesser, type Effort } from "./effort";
import type { Options } from "./frames";

export interface ModelChoice {
  id: string;
  name: string;
  description: string;
  trial: boolean;
  ready: boolean;
  /** Why it cannot answer now. */
  words: string;
  context: number | null;
  reasoning: boolean;
  tools: boolean;
  schema: boolean;
}

export interface PresetChoice {
  id: string;
  name: string;
  description: string;
  model: string | null;
  effort: Effort | "" | null;
  format: Options["format"] | "" | null;
}

export interface SchemaChoice {
  id: string;
  name: string;
  description: string;
}

export interface Choices {
  models: ModelChoice[];
  presets: PresetChoice[];
  schemas: SchemaChoice[];
  efforts: Effort[];
  effort: { effort: Effort; source: string; locked: boolean };
  sees_reasoning: boolean;
  default_model: string | null;
  default_preset: string | null;
}

export interface Holding {
  model: ModelChoice | undefined;
  preset: PresetChoice | undefined;
  /** What was chosen is offered no more. */
  isGone: boolean;
  effort: Effort;
  /** The level that set the effort. */
  source: string;
  /** The efforts one may choose from; empty where there is nothing to choose. */
  efforts: Effort[];
  format: NonNullable<Options["format"]>;
  schema: SchemaChoice | undefined;
}

/** What holds for the next answer: the organization's rules, the assistant, the conversation, the answer itself. */
export function holding(choices: Choices, settings: Options, once: Options): Holding {
  const chosen = { ...settings, ...once };
  const preset = choices.presets.find((one) => one.id === presetOf(choices, chosen));
  const wanted = chosen.model ?? preset?.model ?? choices.default_model;
  const model = choices.models.find((one) => one.id === wanted);
  const isGone = (chosen.preset !== undefined && !preset) || (chosen.model !== undefined && !model);
  const format = chosen.format ?? (preset?.format || "text");
  return {
    model,
    preset,
    isGone,
    format,
    schema: choices.schemas.find((one) => one.id === chosen.schema),
    ...effortOf(choices, model, preset, settings, once),
  };
}

/** An assistant is the default only where no model was chosen in its place. */
function presetOf(choices: Choices, chosen: Options): string | null | undefined {
  return chosen.preset ?? (chosen.model ? null : choices.default_preset);
}

function effortOf(
  choices: Choices,
  model: ModelChoice | undefined,
  preset: PresetChoice | undefined,
  settings: Options,
  once: Options,
): Pick<Holding, "effort" | "source" | "efforts"> {
  const { effort, source, locked } = choices.effort;
  if (!model?.reasoning) return { effort: "off", source: "model", efforts: [] };
  if (locked) return { effort, source, efforts: [] };
  const efforts = inOrder(choices.efforts);
  const levels: [string, Effort | "" | null | undefined][] = [
    ["message", once.effort],
    ["conversation", settings.effort],
    ["preset", preset?.effort],
    [source, effort],
  ];
  const [from, wanted] = levels.find(([, one]) => one) ?? [source, effort];
  const most = efforts[efforts.length - 1] ?? "off";
  return { effort: lesser(wanted || "off", most), source: from, efforts };
}

/** Which of a choice is still offered. */
export function offered(choices: Choices, options: Options): Options {
  const { model, preset, schema, ...rest } = options;
  const has = (all: { id: string }[], id: string | undefined) => all.some((one) => one.id === id);
  const kept: Options = { ...rest };
  if (has(choices.models, model)) kept.model = model;
  if (has(choices.presets, preset)) kept.preset = preset;
  if (has(choices.schemas, schema)) kept.schema = schema;
  else if (kept.format === "schema") delete kept.format;
  return kept;
}

/** A model's facts in a line. */
export function modelWords(model: ModelChoice): string {
  if (!model.ready && model.words) return model.words;
  const context = model.context ? `${contextWords(model.context)} context` : "";
  return [
    context,
    model.reasoning ? "thinks" : "",
    model.tools ? "tools" : "",
    model.trial ? "for trying only" : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

function contextWords(tokens: number): string {
  const thousands = Math.round(tokens / 1024);
  return thousands < 1024 ? `${thousands}k` : `${Math.round(thousands / 1024)}M`;
}
