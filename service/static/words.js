/** Numbers and names as people read them. */

export const percent = (share) =>
  share > 0 && share < 0.001 ? "< 0.1 %" : share < 1 && share > 0.999 ? "> 99.9 %" : `${(100 * share).toFixed(1)} %`;

export const count = (number, noun, plural = `${noun}s`) => `${number} ${number === 1 ? noun : plural}`;

/** `no_tumor` as `No tumor`. */
export function className(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const shortHash = (sha256) => sha256.slice(0, 12);
