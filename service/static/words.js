/** Numbers and names as people read them. */

/** A probability; none is shown as if it were certain. */
export function percent(share) {
  if (share < 0.0005) return "< 0.1 %";
  return share >= 0.9995 ? "> 99.9 %" : `${(100 * share).toFixed(1)} %`;
}

export const count = (number, noun, plural = `${noun}s`) => `${number} ${number === 1 ? noun : plural}`;

/** `no_tumor` as `No tumor`. */
export function className(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const shortHash = (sha256) => sha256.slice(0, 12);
