/** The scan, its heat map over it, and how strongly the two are mixed. */

import { find } from "./dom.js";
import { base, baseAtHand, heat } from "./pictures.js";
import { className, percent } from "./words.js";

const REST_MS = 140, AHEAD = 8;

export class Viewer {
  #image = null;
  #request = new AbortController();
  #onStep;

  /** `onStep` gets a number of slices to go on by, or `Infinity` and `-Infinity` for the last and the first. */
  constructor(onStep) {
    this.#onStep = onStep;
    this.stage = find("stage");
    this.stage.addEventListener("keydown", (event) => this.#onKey(event));
    this.stage.addEventListener("wheel", wheelSteps(onStep, () => this.#image?.file.images.length > 1), { passive: false });
    find("opacity").addEventListener("input", () => this.#mix());
    find("heat-on").addEventListener("change", () => this.#mix());
    this.#mix();
  }

  get opacity() {
    return find("opacity").valueAsNumber / 100;
  }

  /** Show an image; what was shown of another file is taken away at once. */
  async show(image) {
    const sameFile = this.#image?.file === image.file;
    const sameImage = this.#image === image;
    this.#request.abort();
    this.#request = new AbortController();
    this.#image = image;
    if (!sameFile) hide(find("base"));
    if (!sameImage || !image.prediction) hide(find("heat"));
    this.#describe(image);
    await this.#load(image, this.#request.signal);
  }

  clear() {
    this.#request.abort();
    this.#image = null;
    for (const id of ["base", "heat"]) hide(find(id));
  }

  async #load(image, signal) {
    const layer = find("base");
    note(baseAtHand(image) ? "" : layer.hidden ? "Loading the image" : "");
    try {
      await reveal(layer, await base(image), signal, (picture) => this.#shape(picture, image.file.pixelAspect));
      note("");
      await rest(signal);
      const overlay = await heat(image, signal);
      if (overlay) await reveal(find("heat"), overlay, signal);
      this.#mix();
      await this.#fetchAhead(image);
    } catch (problem) {
      if (signal.aborted || problem.name === "AbortError") return;
      if (!problem.code) throw problem;
      note(layer.hidden ? "This image cannot be shown." : `No heat map: ${problem.title.toLowerCase()}.`);
    }
  }

  /** Pixels of a scan need not be square; the heat map has the scan's pixels. */
  #shape({ naturalWidth, naturalHeight }, pixelAspect) {
    if (naturalWidth) this.stage.style.setProperty("--shape", naturalWidth / (naturalHeight * pixelAspect));
  }

  /** Have the slices around at hand, which are fetched in blocks; what fails is asked for again once it is needed. */
  async #fetchAhead(image) {
    const all = image.file.images, at = all.indexOf(image);
    for (const near of [all[at + AHEAD], all[at - AHEAD]]) if (near) await base(near).catch(() => {});
  }

  #describe(image) {
    const { file, frame, prediction } = image;
    const facts = prediction?.image;
    find("viewer-title").textContent = file.name;
    find("viewer-place").textContent = file.images.length > 1
      ? `Slice ${file.images.indexOf(image) + 1} of ${Math.max(file.frames ?? 0, file.images.length)}` : "";
    find("facts").textContent = facts ? `${facts.format} ${facts.width} × ${facts.height}` : "";
    for (const id of ["side-left", "side-right"]) find(id).hidden = facts?.format !== "NIFTI";
    this.#offer(Boolean(prediction));
    const said = prediction ? `${className(prediction.label)}, ${percent(prediction.probability)}` : "not classified";
    find("base").alt = `Scan, ${file.images.length > 1 ? `slice ${(frame ?? 0) + 1}, ` : ""}${said}`;
  }

  /** Without an answer there is no heat map to be mixed. */
  #offer(answered) {
    find("heat-on").disabled = !answered;
    this.#mix();
  }

  #mix() {
    const on = find("heat-on").checked;
    find("opacity").disabled = !on || find("heat-on").disabled;
    find("opacity-value").textContent = `${find("opacity").value} %`;
    find("heat").style.opacity = on ? this.opacity : 0;
  }

  #onKey(event) {
    const steps = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in steps) this.#onStep(steps[event.key]);
    else if (event.key.toLowerCase() === "h") find("heat-on").click();
    else return;
    event.preventDefault();
  }
}

const note = (words) => { find("stage-note").textContent = words; };

function hide(layer) {
  layer.hidden = true;
  layer.removeAttribute("src");
}

/** Swap the picture when it is decoded, so that nothing flashes between two slices. */
async function reveal(layer, url, signal, onDecoded = () => {}) {
  if (layer.getAttribute("src") !== url) {
    const made = new Image();
    made.src = url;
    await made.decode().catch(() => {});
    signal.throwIfAborted();
    onDecoded(made);
    layer.src = url;
  }
  layer.hidden = false;
}

/** Who leafs through slices has no use for the heat map of each that is passed. */
function rest(signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, REST_MS);
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}

/** One slice a notch of a wheel, and as smooth on a touch pad; the page scrolls where there are no slices. */
function wheelSteps(onStep, isVolume) {
  const notch = 60;
  let gathered = 0;
  return (event) => {
    if (!isVolume() || event.ctrlKey) return;
    event.preventDefault();
    gathered += event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 20 : event.deltaY;
    const steps = Math.trunc(gathered / notch);
    gathered -= steps * notch;
    if (steps) onStep(steps);
  };
}
