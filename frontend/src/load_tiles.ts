// Which numbers stand together in one small chart, what they are called and how they are written.
import type { NumberName } from "./load_facts";

export interface Line {
  name: NumberName;
  label: string;
  /** Which of the panel's colours draws it. */
  ink: "first" | "second" | "third";
  dashed?: boolean;
}

export interface Tile {
  title: string;
  lines: Line[];
  write: (value: number) => string;
  /** What the vertical axis shows at least. */
  least: number;
  /** What is told of the last quarter of an hour instead of now. */
  sum?: boolean;
  bars?: boolean;
  /** Halves make no sense. */
  whole?: boolean;
}

export function count(value: number): string {
  return value >= 100_000
    ? `${Math.round(value / 1000).toLocaleString("en")}k`
    : Math.round(value).toLocaleString("en");
}

export function speed(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1) : count(value);
}

export function share(value: number): string {
  return `${Math.round(value * 100)}%`;
}

/** Seconds, in the unit that people read most easily. */
export function time(value: number): string {
  if (value === 0) return "0 ms";
  if (value < 0.01) return `${(value * 1000).toFixed(1)} ms`;
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  return value < 100 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}

/** How long something lasts, in words. */
export function lasting(seconds: number): string {
  if (seconds < 60) return `${Math.max(Math.round(seconds), 0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

export const TILES: Tile[] = [
  {
    title: "Requests",
    lines: [
      { name: "running", label: "Running", ink: "first" },
      { name: "waiting", label: "Waiting", ink: "second" },
      { name: "streams", label: "Our own", ink: "third", dashed: true },
    ],
    write: count,
    least: 4,
    whole: true,
  },
  {
    title: "KV cache in use",
    lines: [{ name: "cache", label: "Now", ink: "first" }],
    write: share,
    least: 1,
  },
  {
    title: "Answer tokens per second",
    lines: [{ name: "answer_rate", label: "Now", ink: "first" }],
    write: speed,
    least: 10,
  },
  {
    title: "Prompt tokens per second",
    lines: [{ name: "prompt_rate", label: "Now", ink: "first" }],
    write: speed,
    least: 10,
  },
  {
    title: "Time to first token",
    lines: [
      { name: "first_token", label: "p50", ink: "first" },
      { name: "first_token_slow", label: "p95", ink: "second" },
    ],
    write: time,
    least: 0.1,
  },
  {
    title: "Time between tokens",
    lines: [
      { name: "between_tokens", label: "Mean", ink: "first" },
      { name: "between_tokens_slow", label: "p95", ink: "second" },
    ],
    write: time,
    least: 0.02,
  },
  {
    title: "Preemptions and refusals",
    lines: [
      { name: "preemptions", label: "Preempted", ink: "first" },
      { name: "refusals", label: "Turned away", ink: "second" },
    ],
    write: count,
    least: 4,
    whole: true,
    sum: true,
    bars: true,
  },
];
