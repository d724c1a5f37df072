/** The slices of a volume: a strip of their tumour probabilities, a slider, and the most suspicious ones. */

import { element, find, shape } from "./dom.js";
import { isSuspicious, isVolume, REFUSED, suspects } from "./study.js";
import { className, percent } from "./words.js";

const HEIGHT = 100, BARS = 86, LEAST = 6;

export class Slices {
  #onPick;

  /** `onPick` gets the image to be shown. */
  constructor(onPick) {
    this.#onPick = onPick;
    find("slice").addEventListener("input", () => this.#pick(find("slice").valueAsNumber - 1));
    find("previous").addEventListener("click", () => this.#pick(this.#at - 1));
    find("next").addEventListener("click", () => this.#pick(this.#at + 1));
    find("strip").addEventListener("pointerdown", (event) => this.#pickUnder(event));
    find("strip").addEventListener("pointermove", (event) => { if (event.buttons & 1) this.#pickUnder(event); });
  }

  /** Show the slices of the image's file, and which of them it is. */
  show(image) {
    this.image = image;
    const { file } = image;
    find("slices").hidden = !isVolume(file);
    if (!isVolume(file)) return;
    this.#slide(image);
    this.#draw(file.images, Math.max(file.frames ?? 0, file.images.length));
    this.#name(suspects(file.images));
  }

  get #at() {
    return this.image.file.images.indexOf(this.image);
  }

  #pick(index) {
    const { images } = this.image.file;
    const picked = images[Math.min(Math.max(index, 0), images.length - 1)];
    if (picked !== this.image) this.#onPick(picked);
  }

  #pickUnder(event) {
    const box = find("strip").getBoundingClientRect();
    const slots = find("strip").viewBox.baseVal.width;
    this.#pick(Math.floor(((event.clientX - box.left) / box.width) * slots));
  }

  #slide(image) {
    const slider = find("slice");
    slider.max = image.file.images.length;
    slider.value = this.#at + 1;
    slider.setAttribute("aria-valuetext", `Slice ${this.#at + 1} of ${image.file.images.length}, ${said(image)}`);
    find("previous").disabled = this.#at === 0;
    find("next").disabled = this.#at === image.file.images.length - 1;
  }

  #draw(images, slots) {
    const strip = find("strip");
    strip.setAttribute("viewBox", `0 0 ${slots} ${HEIGHT}`);
    const gap = slots > 120 ? 0 : 0.16;
    strip.replaceChildren(...images.flatMap((image, index) => {
      const tall = LEAST + (BARS - LEAST) * (image.prediction?.tumor_probability ?? 0);
      const bar = { x: index + gap / 2, width: 1 - gap, y: BARS - tall, height: tall, class: kindOf(image) };
      const here = image === this.image ? [
        shape("rect", { x: index, width: 1, y: 0, height: BARS, class: "here" }),
        shape("rect", { x: index, width: 1, y: BARS + 4, height: HEIGHT - BARS - 4, class: "here-mark" }),
      ] : [];
      return [...here, shape("rect", bar)];
    }));
  }

  #name(found) {
    const buttons = found.map((image) => element("button", {
      type: "button", className: "chip", onclick: () => this.#onPick(image),
      "aria-current": image === this.image,
      "aria-label": `Show slice ${image.frame + 1}, tumour probability ${percent(image.prediction.tumor_probability)}`,
    }, `${image.frame + 1}`));
    find("suspects").replaceChildren(...(found.length ? ["Most suspicious slices", ...buttons] : ["No slice is suspicious to the model"]));
  }
}

const kindOf = (image) => image.status === REFUSED ? "refused" : isSuspicious(image) ? "suspicious" : "clear";

const said = ({ prediction, problem }) =>
  prediction ? `${className(prediction.label)} ${percent(prediction.probability)}` : problem ? problem.title : "waiting";
