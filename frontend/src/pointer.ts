// What the person points with.

/** Whether it is a finger: then Enter begins a line, and a focused field covers half the page with a keyboard. */
export function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
