// What the operator's engine panel asks of the server: inference/panel.py writes it.

export type Column = (number | null)[];

/** The numbers of each sample, a column each; inference/samples.py says what they are. */
export const NUMBERS = [
  "streams",
  "running",
  "waiting",
  "cache",
  "prompt_rate",
  "answer_rate",
  "first_token",
  "first_token_slow",
  "between_tokens",
  "between_tokens_slow",
  "preemptions",
  "refusals",
] as const;
export type NumberName = (typeof NUMBERS)[number];
export type Samples = Record<NumberName, Column> & { at: number[] };

export interface EngineFacts {
  id: string;
  model: string;
  address: string;
  server: string;
  state: "up" | "silent" | "down" | "unknown";
  since: number | null;
  words: string;
  most: number | null;
  warnings: string[];
  samples: Samples;
}

export interface Figures {
  now: number;
  problem: string;
  engines: EngineFacts[];
}
