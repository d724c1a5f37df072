/** Files to keep: the results as CSV or JSON, with the names that only this browser knows. */

import { element } from "./dom.js";

const FORMULA = /^[\s\u0000]*[=+\-@|%\uff0b\uff0d\uff1d\uff20]/;
const DISCLAIMER = "Research use only. Not for diagnostic use.";

/** One row an image (RFC 4180); a cell that a spreadsheet would take for a formula gets an apostrophe before it. */
export function asCsv(images) {
  const classes = [...new Set(images.flatMap(({ prediction }) => Object.keys(prediction?.probabilities ?? {})))];
  const head = ["file", "file_number", "frame", "status", "decision", "label", "probability", ...classes.map((name) => `p_${name}`),
    "tumor_probability", "prediction_set", "novelty", "warnings", "problem", "problem_detail", "image_sha256",
    "model", "model_version", "model_sha256", "request_id", "disclaimer"];
  const rows = images.map((image) => rowOf(image, classes));
  return "\ufeff" + [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function rowOf({ file, frame, status, prediction: said, problem }, classes) {
  return [file.name, file.number + 1, frame, status, said?.decision, said?.label, said?.probability,
    ...classes.map((name) => said?.probabilities[name]), said?.tumor_probability, said?.prediction_set.join(" "),
    said?.novelty ?? problem?.more.novelty, said?.warnings.map(({ code }) => code).join(" "), problem?.code, problem?.detail,
    said?.image.sha256, said?.model.name, said?.model.version, said?.model.sha256, said?.request_id ?? problem?.requestId, DISCLAIMER];
}

export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = FORMULA.test(value) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The answers as they came, without the pictures in them. */
export function asJson(images) {
  const results = images.map(({ file, frame, status, prediction, problem }) => ({
    file: file.name, file_number: file.number + 1, frame, status,
    prediction: prediction && { ...prediction, heatmap: null },
    problem: problem && { code: problem.code, title: problem.title, status: problem.status, detail: problem.detail, ...problem.more },
  }));
  return JSON.stringify({ disclaimer: DISCLAIMER, results }, null, 2);
}

/** Hand a file to the browser's downloads. */
export function save(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
