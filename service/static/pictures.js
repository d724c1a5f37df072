/** What is shown of an image: the scan, and the scan under its heat map. A few hundred are kept, in memory only. */

import { predict, render } from "./api.js";
import { ANSWERED, isVolume } from "./study.js";

const KEPT = 320, BLOCK = 16, TRIES = 3;
const PNG_HEAD = 0x89504e47, PNG_DEPTH = 24;

/** The most recently used of a kind of picture. */
class Kept {
  #pictures = new Map();

  get(key) {
    const url = this.#pictures.get(key);
    if (url) this.put(key, url);
    return url;
  }

  put(key, url) {
    this.#pictures.delete(key);
    this.#pictures.set(key, url);
    if (this.#pictures.size > KEPT) {
      const [[oldest, old]] = this.#pictures;
      this.#pictures.delete(oldest);
      URL.revokeObjectURL(old);
    }
    return url;
  }

  clear() {
    for (const url of this.#pictures.values()) URL.revokeObjectURL(url);
    this.#pictures.clear();
  }
}

const bases = new Kept(), heats = new Kept();
const underway = new Map();
let asking = new AbortController();

export function forgetPictures() {
  asking.abort();
  asking = new AbortController();
  underway.clear();
  bases.clear();
  heats.clear();
}

const keyOf = ({ file, frame }) => `${file.number}/${frame ?? 0}`;

/** The scan if it is at hand, as the URL of a picture. */
export const baseAtHand = (image) => bases.get(keyOf(image));

/** The scan: decoded here where a browser shows just what the service sees, by the service otherwise. */
export async function base(image) {
  const { file } = image;
  if (baseAtHand(image)) return baseAtHand(image);
  if (await isPlain(file.blob)) {
    Object.assign(file, { frames: 1, pixelAspect: 1 });
    return bases.put(keyOf(image), URL.createObjectURL(file.blob));
  }
  const frame = image.frame ?? 0;
  const block = isVolume(file) ? { frame: frame - frame % BLOCK, count: BLOCK } : { frame, count: 1 };
  try {
    await once(`${file.number}/${block.frame}/${block.count}`, () => fetchBlock(file, block));
  } catch (problem) {
    if (block.count === 1 || ![413, 422].includes(problem.status)) throw problem;
    await fetchBlock(file, { frame, count: 1 }); // one of the others may be damaged, or of another size
  }
  return baseAtHand(image);
}

/** Do what is asked for several times at once only once. */
function once(key, work) {
  if (!underway.has(key)) underway.set(key, work().finally(() => underway.delete(key)));
  return underway.get(key);
}

async function fetchBlock(file, { frame, count }) {
  const { signal } = asking;
  const { picture, frames, pixelAspect } = await patiently(() => render(file.blob, { frame, count, signal }), signal);
  const pieces = await cut(picture, Math.min(count, frames - frame));
  signal.throwIfAborted();
  Object.assign(file, { frames, pixelAspect });
  pieces.forEach((piece, index) => {
    const key = keyOf({ file, frame: frame + index });
    if (!bases.get(key)) bases.put(key, URL.createObjectURL(piece));
  });
}

/** Cut a picture of frames that stand one under the other. */
async function cut(picture, count) {
  if (count === 1) return [picture];
  const sheet = await createImageBitmap(picture);
  const height = sheet.height / count;
  return Promise.all(Array.from({ length: count }, (_, row) => {
    const canvas = new OffscreenCanvas(sheet.width, height);
    canvas.getContext("2d").drawImage(sheet, 0, -row * height);
    return canvas.convertToBlob({ type: "image/png" });
  }));
}

/** The opaque overlay of an image that was answered; null for others. */
export async function heat(image, signal) {
  if (image.status !== ANSWERED) return null;
  const known = image.prediction.heatmap ?? heats.get(keyOf(image));
  if (known) return known;
  const { file, frame } = image;
  const asked = isSingle(image) ? null : frame;
  const { heatmap } = await patiently(() => predict(file.blob, { frame: asked, signal }), signal);
  return heats.put(keyOf(image), URL.createObjectURL(pngOf(heatmap)));
}

/** Take a PNG out of its `data:` URI, which the page's policy does not let it fetch. */
function pngOf(uri) {
  const binary = atob(uri.slice(uri.indexOf(",") + 1));
  return new Blob([Uint8Array.from(binary, (letter) => letter.charCodeAt(0))], { type: "image/png" });
}

const isSingle = ({ file, frame }) => file.images.length === 1 && !frame;

/** Whether a JPEG, BMP, or PNG of 8 bits: animations and deeper pictures look different in a browser. */
async function isPlain(blob) {
  const head = new DataView(await blob.slice(0, 26).arrayBuffer());
  if (head.byteLength < 26) return false;
  if (head.getUint32(0) === PNG_HEAD) return head.getUint8(PNG_DEPTH) === 8;
  return head.getUint16(0) === 0xffd8 || head.getUint16(0) === 0x424d;
}

/** Try again where the service is full for a moment. */
async function patiently(request, signal) {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await request();
    } catch (problem) {
      if (!problem.retryAfter || left <= 1) throw problem;
      await pause(1000 * problem.retryAfter, signal);
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
