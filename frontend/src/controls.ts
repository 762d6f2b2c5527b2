// The three controls over the next answer: who writes it, how much it thinks, and in which format it comes.
import { holding, modelWords, type Choices, type Holding } from "./choices";
import { ChoiceMenu, type Choice, type Group } from "./choice_menu";
import { effortWords, type Effort } from "./effort";
import { must } from "./elements";
import type { Selection } from "./selection";

const LOCKED_BY: Record<string, string> = {
  platform: "Set by the operator.",
  organization: "Set by your organization.",
};
const DEFAULT_OF: Record<string, string> = {
  organization: "This is your organization’s default.",
  preset: "This is the assistant’s own.",
};
const TRIAL =
  "This is a tiny trial model, so that the product can be tried at once. Its answers are often wrong. For real ones an operator connects Hermes 4.";
const GONE = "What was chosen for this conversation is offered no more. Choose another.";

export class Controls {
  private readonly who: ChoiceMenu;
  private readonly thought: ChoiceMenu;
  private readonly format: ChoiceMenu;

  constructor(
    private readonly choices: Choices,
    private readonly selection: Selection,
    done: () => void,
  ) {
    const menu = (id: string, choose: (value: string) => void, chooseOnce?: (isOnce: boolean) => void) =>
      new ChoiceMenu(must<HTMLDetailsElement>(id), { choose, done, ...(chooseOnce && { chooseOnce }) });
    this.who = menu("#picker", (value) => this.chooseWho(value));
    this.thought = menu(
      "#effort",
      (value) => this.chooseEffort(value as Effort),
      (isOnce) => this.chooseOnce(isOnce),
    );
    this.format = menu("#format", (value) => this.chooseFormat(value));
  }

  /** What holds for the next answer. */
  get holding(): Holding {
    return holding(this.choices, this.selection.settings, this.selection.once);
  }

  show(): void {
    const now = this.holding;
    this.showWho(now);
    this.showThought(now);
    this.showFormat(now);
  }

  private showWho({ model, preset, isGone }: Holding): void {
    const { presets, models } = this.choices;
    const name = preset?.name ?? model?.name ?? (models.length ? "Choose a model" : "No model yet");
    const isTrial = model?.trial === true;
    const groups = [
      { title: "Assistants", choices: presets.map((one) => this.assistant(one)) },
      { title: presets.length ? "Models" : "Model", choices: models.map(modelChoice) },
    ].filter((group) => group.choices.length);
    must("#picker").classList.toggle("trial", isTrial);
    must("#picker").classList.toggle("gone", isGone);
    const label = isGone ? "Not available" : isTrial && !preset ? "Trial model" : name;
    this.who.show({
      label,
      name: `${presets.length ? "Model or assistant" : "Model"}: ${label}`,
      groups,
      chosen: preset ? `preset:${preset.id}` : isGone ? "" : `model:${model?.id}`,
      note: isGone ? GONE : isTrial ? TRIAL : "",
    });
  }

  private showThought({ effort, source, efforts, model }: Holding): void {
    const isLocked = this.choices.effort.locked;
    if (!model?.reasoning || (!isLocked && efforts.length < 2)) return this.thought.hide();
    const isOnce = this.selection.once.effort !== undefined;
    must("#effort").classList.toggle("locked", isLocked);
    must("#effort").classList.toggle("on", effort !== "off");
    const label = `Thinking: ${effort}`;
    const by = (isLocked ? LOCKED_BY : DEFAULT_OF)[source] ?? "";
    this.thought.show({
      label: isOnce ? `${label}, once` : label,
      name: isLocked ? `${label}. ${by}` : label,
      groups: isLocked ? [] : [{ title: "Thinking", choices: efforts.map(effortChoice) }],
      chosen: effort,
      note: isLocked ? `${label}, ${effortWords(effort)}. ${by}` : by,
      isOnce,
    });
  }

  private showFormat({ format, schema, model }: Holding): void {
    if (!model) return this.format.hide();
    const schemas = model.schema ? this.choices.schemas : [];
    const label = format === "text" ? "Text" : format === "json" ? "JSON" : (schema?.name ?? "Schema");
    const groups: Group[] = [{ title: "Format of the answer", choices: FORMATS }];
    if (schemas.length)
      groups.push({
        title: "JSON that fits a schema",
        choices: schemas.map(({ id, name, description }) => ({ value: id, words: name, help: description })),
      });
    must("#format").classList.toggle("on", format !== "text");
    this.format.show({ label, name: `Format: ${label}`, groups, chosen: schema?.id ?? format });
  }

  private chooseWho(value: string): void {
    const [kind, id] = value.split(":") as ["preset" | "model", string];
    // An assistant brings its own thinking and format along.
    if (kind === "preset")
      this.selection.choose({
        preset: id,
        model: undefined,
        effort: undefined,
        format: undefined,
        schema: undefined,
      });
    else this.selection.choose({ preset: undefined, model: id });
  }

  private chooseEffort(effort: Effort): void {
    if (this.selection.once.effort) this.selection.chooseOnce({ ...this.selection.once, effort });
    else this.selection.choose({ effort });
  }

  private chooseOnce(isOnce: boolean): void {
    const { effort } = this.holding;
    const { once } = this.selection;
    this.selection.chooseOnce({ ...once, effort: isOnce ? effort : undefined });
    if (isOnce) this.selection.restoreEffort();
    else this.selection.choose({ effort });
  }

  private chooseFormat(value: string): void {
    if (value === "text" || value === "json") this.selection.choose({ format: value, schema: undefined });
    else this.selection.choose({ format: "schema", schema: value });
  }

  private assistant(preset: Choices["presets"][number]): Choice {
    const model = this.choices.models.find((one) => one.id === (preset.model ?? this.choices.default_model));
    const isOff = !model?.ready;
    const why = model?.words || "Its model is not available now.";
    return {
      value: `preset:${preset.id}`,
      words: preset.name,
      help: isOff ? why : preset.description,
      isOff,
    };
  }
}

const FORMATS: Choice[] = [
  { value: "text", words: "Text", help: "" },
  { value: "json", words: "JSON", help: "any JSON object" },
];

function modelChoice(model: Choices["models"][number]): Choice {
  const facts = modelWords(model);
  const help = model.ready
    ? [model.description, facts].filter(Boolean).join(" · ")
    : facts || "Not available now.";
  return { value: `model:${model.id}`, words: model.name, help, isOff: !model.ready };
}

function effortChoice(effort: Effort): Choice {
  return { value: effort, words: `${effort[0]?.toUpperCase()}${effort.slice(1)}`, help: effortWords(effort) };
}
