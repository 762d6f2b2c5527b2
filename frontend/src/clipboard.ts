// The browser's clipboard, which exists only on pages over https or on this machine, and may be forbidden.

export const CANNOT_COPY = "The browser does not allow copying here. Select the text and copy it by hand.";

/** Copy a text; returns whether the browser allowed it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
