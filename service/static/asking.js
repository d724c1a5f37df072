/** Ask the service about all files of a study: one as it is, many in batches, smaller ones where a batch is too large. */

import { predict, predictBatch } from "./api.js";
import { isZip } from "./zip.js";

const BATCH_FILES = 64, BATCH_BYTES = 16 * 2 ** 20;
const TOO_LARGE = 413;

/** Send files of the study; `onResult` gets each image as it is answered. Throws a Problem that stops everything. */
export async function ask(study, files, { signal, onResult }) {
  if (study.files.length === 1) return askOne(study, files[0], { signal, onResult });
  for (const batch of await batches(files)) await askBatch(study, batch, { signal, onResult });
}

async function askOne(study, file, { signal, onResult }) {
  try {
    if (await isZip(file.blob)) return await askBatch(study, [file], { signal, onResult });
    const prediction = await predict(file.blob, { signal });
    settle(study, file, { frame: prediction.image.frame, prediction, problem: null }, onResult);
  } catch (problem) {
    if (problem.code === "frame-required") return askBatch(study, [file], { signal, onResult });
    if (stopsAll(problem)) throw problem;
    settle(study, file, { frame: null, prediction: null, problem }, onResult);
  }
}

async function askBatch(study, files, { signal, onResult }) {
  const alone = [];
  const take = (line) => {
    const file = files.length > 1 ? files[line.file] : files[0];
    for (const earlier of files.slice(0, files.indexOf(file))) earlier.complete = true;
    if (files.length > 1 && line.problem?.status === TOO_LARGE) alone.push(file);
    else onResult(study.note(file, line));
  };
  try {
    await predictBatch(files.map(({ blob }) => blob), { signal, onResult: take });
    for (const file of files) file.complete = true;
  } catch (problem) {
    if (stopsAll(problem)) throw problem;
    if (files.length === 1) settle(study, files[0], { frame: null, prediction: null, problem }, onResult);
    else for (const half of halves(files)) await askBatch(study, half, { signal, onResult });
  }
  for (const file of alone) await askBatch(study, [file], { signal, onResult });
}

function settle(study, file, result, onResult) {
  file.complete = true;
  onResult(study.note(file, result));
}

/** Whether it is not about the images: a cancellation, a missing key, a full queue, a service that is away. */
const stopsAll = (problem) =>
  problem.name === "AbortError" || problem.passing || [401, 403, 404, 405].includes(problem.status) || !problem.code;

/** A ZIP goes alone: each file in it counts as one in the answer. */
async function batches(files) {
  const made = [];
  let bytes = Infinity;
  for (const file of files) {
    const single = await isZip(file.blob);
    if (single || bytes + file.blob.size > BATCH_BYTES || made.at(-1).length >= BATCH_FILES) {
      made.push([]);
      bytes = 0;
    }
    made.at(-1).push(file);
    bytes = single ? Infinity : bytes + file.blob.size;
  }
  return made;
}

const halves = (files) => [files.slice(0, files.length >> 1), files.slice(files.length >> 1)];
