/** What the service said of one image: the decision first, then the numbers behind it, then where they come from. */

import { element } from "./dom.js";
import { className, percent, shortHash } from "./words.js";

const UNCERTAIN = "uncertain";

/** Return the elements that describe an image; `onSave` is called for the picture with its legend. */
export function finding(image, { running, onSave }) {
  if (image.prediction) return answered(image.prediction, onSave);
  return [image.problem ? refused(image.problem) : waiting(running)];
}

function answered(prediction, onSave) {
  return [
    verdict(prediction),
    bars(prediction),
    facts(prediction),
    ...prediction.warnings.filter(({ code }) => code !== UNCERTAIN).map(warning),
    source(prediction),
    element("p", { className: "actions" }, element("button", { type: "button", onclick: onSave }, "Save picture with legend")),
    element("p", { className: "fine" }, prediction.disclaimer),
  ];
}

function verdict({ decision, label, probability, warnings }) {
  const uncertain = decision === UNCERTAIN;
  const why = warnings.find(({ code }) => code === UNCERTAIN)?.detail ?? "That is too little for a decision";
  const most = `Most probable: ${className(label)}, ${percent(probability)}. ${why}.`;
  return element("div", { className: uncertain ? "verdict caution" : "verdict" },
    element("p", { className: "kicker" }, "Decision"),
    element("p", { className: "decision" }, className(decision)),
    element("p", { className: "share" }, uncertain ? most : `${percent(probability)} probability`));
}

function bars({ probabilities, label }) {
  const rows = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  return element("dl", { className: "bars", "aria-label": "Probability of each class" }, ...rows.map(([name, share]) => {
    const fill = element("span", { className: "fill" });
    fill.style.inlineSize = `${100 * share}%`;
    return element("div", { className: name === label ? "bar-row top" : "bar-row" },
      element("dt", {}, className(name)),
      element("dd", {}, element("span", { className: "track", "aria-hidden": "true" }, fill), element("span", { className: "number" }, percent(share))));
  }));
}

function facts({ tumor_probability: tumour, prediction_set: set, novelty }) {
  return definitions("facts-list", [
    ...(tumour === null ? [] : [["Any tumour", percent(tumour)]]),
    ["Cannot be excluded", set.map(className).join(", ")],
    ["Novelty", `${novelty.toFixed(2)}, ${novelty <= 1 ? "like" : "unlike"} the training images`],
  ]);
}

function source({ model, image, request_id: id }) {
  return element("details", { className: "source" },
    element("summary", {}, `Model ${model.name} ${model.version}`, element("code", {}, shortHash(model.sha256))),
    definitions("facts-list", [["Model file, sha256", code(model.sha256)], ["Image file, sha256", code(image.sha256)], ["Request", code(id)]]));
}

const code = (text) => element("code", { className: "whole" }, text);

const definitions = (kind, pairs) => element("dl", { className: kind },
  ...pairs.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))));

const WARNINGS = {
  "low-resolution": "Low resolution", "clipped": "Clipped greys", "blurred": "Blurred", "burnt-in-text": "Text in the picture",
  "colour-image": "Colour image",
  "out-of-distribution": "Unlike the training images", "not-a-brain-mri": "By its header no brain MRI",
};

function warning({ code: name, detail }) {
  return element("div", { className: "note caution" },
    element("p", { className: "note-title" }, WARNINGS[name] ?? className(name.replaceAll("-", " "))),
    element("p", {}, /[.!?]$/.test(detail) ? detail : `${detail}.`));
}

function refused(problem) {
  const { title, detail, more, requestId } = problem;
  const numbers = [
    ...("novelty" in more ? [["Novelty", `${more.novelty.toFixed(2)}, accepted up to ${more.threshold.toFixed(2)}`]] : []),
    ["Reason", code(problem.code)],
    ...(requestId ? [["Request", code(requestId)]] : []),
  ];
  return element("div", { className: "refusal" },
    element("div", { className: "verdict refused" },
      element("p", { className: "kicker" }, "Not classified"),
      element("p", { className: "decision" }, title)),
    element("p", { className: "reason" }, detail),
    definitions("facts-list", numbers));
}

function waiting(running) {
  return element("div", { className: "waiting" },
    element("p", { className: "kicker" }, running ? "Waiting for the answer" : "No answer yet"),
    ...["", "", "", ""].map(() => element("span", { className: "blank", "aria-hidden": "true" })));
}
