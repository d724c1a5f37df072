/** All images in a table that can be sorted; a row shows its image. */

import { element, find, oncePerFrame } from "./dom.js";
import { isVolume, REFUSED, WAITING } from "./study.js";
import { className, percent } from "./words.js";

const number = (value) => value ?? -1;
const COLUMNS = [
  { title: "Image", kind: "name", value: ({ image, order }) => 1e6 * image.file.number + order % 1e6 },
  { title: "Result", kind: "result", value: ({ image }) => resultOf(image) },
  { title: "Probability", kind: "number wide", value: ({ image }) => number(image.prediction?.probability) },
  { title: "Any tumour", kind: "number", value: ({ image }) => number(image.prediction?.tumor_probability) },
  { title: "Novelty", kind: "number wide", value: ({ image }) => number(image.prediction?.novelty ?? image.problem?.more.novelty) },
  { title: "Remarks", kind: "wide remarks", value: ({ image }) => remarksOf(image) },
];

export class Table {
  #rows = new Map();
  #made = 0;
  #sorted = { column: COLUMNS[0], descending: false };
  #onPick;
  #shown = null;

  constructor(onPick) {
    this.#onPick = onPick;
    this.#heads = COLUMNS.map((column) => this.#head(column));
    this.#body = element("tbody");
    find("table").append(element("table", {}, element("caption", { className: "sr" }, "All images, one a row"),
      element("thead", {}, element("tr", {}, ...this.#heads)), this.#body));
    this.#arrangeSoon = oncePerFrame(() => this.#arrange());
  }

  #heads;
  #body;
  #arrangeSoon;

  /** Show these images and no others. */
  keep(images) {
    const kept = new Set(images);
    for (const [image, { row }] of this.#rows) {
      if (kept.has(image)) continue;
      row.remove();
      this.#rows.delete(image);
    }
    for (const image of images) this.update(image);
  }

  /** Renew the row of an image, or make it. */
  update(image) {
    const known = this.#rows.get(image);
    const order = known?.order ?? this.#made++;
    const made = this.#row(image);
    known?.row.replaceWith(made);
    this.#rows.set(image, { image, order, row: made });
    this.#arrangeSoon();
  }

  /** Mark the row of the image that is shown. */
  mark(image) {
    this.#toggle(this.#shown, false);
    this.#toggle(image, true);
    this.#shown = image;
  }

  #toggle(image, on) {
    const row = this.#rows.get(image)?.row;
    row?.classList.toggle("shown", on);
    row?.querySelector("button").setAttribute("aria-current", on);
  }

  #head(column) {
    const button = element("button", { type: "button", onclick: () => this.#sortBy(column) }, column.title);
    return element("th", { scope: "col", className: column.kind, "aria-sort": column === this.#sorted.column ? "ascending" : "none" }, button);
  }

  #sortBy(column) {
    const again = this.#sorted.column === column;
    const descending = again ? !this.#sorted.descending : column.kind.startsWith("number");
    this.#sorted = { column, descending };
    COLUMNS.forEach((each, index) => {
      this.#heads[index].setAttribute("aria-sort", each !== column ? "none" : descending ? "descending" : "ascending");
    });
    this.#arrange();
  }

  #arrange() {
    const { column, descending } = this.#sorted;
    const entries = [...this.#rows.values()].sort((one, other) =>
      (descending ? -1 : 1) * compare(column.value(one), column.value(other)) || one.order - other.order);
    entries.forEach(({ row }, index) => {
      if (this.#body.children[index] !== row) this.#body.insertBefore(row, this.#body.children[index] ?? null);
    });
  }

  #row(image) {
    const { prediction, problem } = image;
    const shown = image === this.#shown;
    const button = element("button", { type: "button", className: "link", "aria-current": shown }, placeOf(image));
    const cells = [
      element("th", { scope: "row", className: "name" }, button),
      element("td", { className: `result ${kindOf(image)}` }, element("span", { className: "dot", "aria-hidden": "true" }), resultOf(image)),
      element("td", { className: "number wide" }, prediction ? percent(prediction.probability) : ""),
      element("td", { className: "number" }, prediction?.tumor_probability == null ? "" : percent(prediction.tumor_probability)),
      element("td", { className: "number wide" }, (prediction?.novelty ?? problem?.more.novelty)?.toFixed(2) ?? ""),
      element("td", { className: "wide remarks" }, remarksOf(image)),
    ];
    return element("tr", { className: shown ? "shown" : "", onclick: () => this.#onPick(image) }, ...cells);
  }
}

const compare = (one, other) => typeof one === "number" ? one - other : one.localeCompare(other);

/** Where an image is from, as short as it can be told apart. */
export function placeOf({ file, frame }) {
  if (!isVolume(file) || frame === null) return file.name;
  return file.alone ? `Slice ${frame + 1}` : `${file.name}, slice ${frame + 1}`;
}

const resultOf = ({ status, prediction, problem }) =>
  status === WAITING ? "Waiting" : prediction ? className(prediction.decision) : problem.title;

const remarksOf = ({ prediction, problem }) =>
  prediction ? prediction.warnings.map(({ detail }) => detail).join("; ") : problem?.detail ?? "";

function kindOf({ status, prediction }) {
  if (status === WAITING) return "waits";
  if (status === REFUSED) return "refused";
  return prediction.decision === "uncertain" ? "uncertain" : (prediction.tumor_probability ?? 0) >= 0.5 ? "suspicious" : "clear";
}
