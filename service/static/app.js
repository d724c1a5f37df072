/** The page: images in, answers shown. */

import { hasKey, health, picture, useKey } from "./api.js";
import { ask } from "./asking.js";
import { announce, element, find, oncePerFrame } from "./dom.js";
import { finding } from "./finding.js";
import { takeFiles, unpack } from "./intake.js";
import { askForKey, clearNotices, offerRest, offerRetry } from "./notices.js";
import { forgetPictures } from "./pictures.js";
import { asCsv, asJson, save } from "./save.js";
import { Slices } from "./slices.js";
import { isVolume, Study, suspects, tally } from "./study.js";
import { placeOf, Table } from "./table.js";
import { Viewer } from "./viewer.js";
import { className, count, percent, shortHash } from "./words.js";

let study = null, shown = null, chosenByHand = false, turn = 0, run = new AbortController();

const viewer = new Viewer(step);
const slices = new Slices(pick);
const table = new Table(pick);
const renewSoon = oncePerFrame(renew);

const ACTIONS = {
  choose: () => find("chooser").click(),
  sample: useSample,
  cancel: () => run.abort(),
  clear: reset,
  csv: () => save("results.csv", asCsv(study.images), "text/csv;charset=utf-8"),
  json: () => save("results.json", asJson(study.images), "application/json"),
};

document.addEventListener("click", (event) => ACTIONS[event.target.closest("[data-action]")?.dataset.action]?.());
takeFiles(open);
nameModel();

/** Begin a study with new files; what was there before is forgotten. */
async function open(files) {
  reset();
  const mine = turn;
  const blobs = await unpack(files);
  if (!blobs.length || mine !== turn) return;
  study = new Study(blobs);
  chosenByHand = false;
  find("welcome").hidden = true;
  find("study").hidden = false;
  show(study.images[0]);
  find("viewer-title").focus({ preventScroll: true });
  await send();
}

/** Send what is unfinished, and say how it ended. */
async function send() {
  if (holdsFocus("notices")) find("viewer-title").focus({ preventScroll: true });
  clearNotices();
  run = new AbortController();
  const { signal } = run, asked = study, files = study.restart();
  table.keep(study.images);
  if (!study.images.includes(shown)) show(study.images[0]);
  find("progress").hidden = false;
  describe();
  renew();
  try {
    await ask(asked, files, { signal, onResult: (image) => { if (asked === study) onResult(image); } });
    if (asked === study) finish(conclude);
  } catch (problem) {
    if (asked === study) finish(() => explain(problem));
  }
}

/** Say how it ended; who stood on the button to cancel goes on at what is offered then. */
function finish(say) {
  const cancelled = holdsFocus("progress");
  find("progress").hidden = true;
  describe();
  renew();
  say();
  if (cancelled) (find("notices").querySelector("button") ?? find("viewer-title")).focus();
}

const holdsFocus = (id) => find(id).contains(document.activeElement);

function onResult(image) {
  table.update(image);
  if (image.file.images.length === 2) table.update(image.file.images[0]); // now one slice of several
  if (image === shown) show(image);
  renewSoon();
}

/** Show the slice that matters, unless somebody already looks at one. */
function conclude() {
  const [worst] = suspects(study.images);
  if (!chosenByHand && worst && study.images.length > 1) show(worst);
  announce(sentence());
  const failed = study.unfinished.flatMap(({ images }) => images).find(({ problem }) => problem?.passing);
  if (failed) offerRetry(failed.problem, send);
}

function sentence() {
  const { prediction, problem } = shown;
  const said = prediction
    ? `Decision: ${className(prediction.decision)}. ${className(prediction.label)}, ${percent(prediction.probability)}.`
    : problem ? `Not classified: ${problem.title}.` : "";
  return study.images.length > 1 ? `${find("summary").textContent}. ${placeOf(shown)} is shown. ${said}` : said;
}

function explain(problem) {
  const { waiting, images } = tally(study.images);
  if (problem.name === "AbortError") offerRest(`${images - waiting} of ${count(images, "image")} answered.`, send);
  else if (problem.status === 401) askForKey(problem, { tried: hasKey(), onKey: (key) => { useKey(key); send(); } });
  else if (problem.code) offerRetry(problem, send);
  else throw problem;
}

/** Show an image that somebody picked. */
function pick(image) {
  chosenByHand = true;
  show(image);
  announce(`${placeOf(image)}. ${sentenceOf(image)}`);
  const { bottom } = viewer.stage.getBoundingClientRect();
  if (bottom < 120) find("viewer-title").scrollIntoView({ block: "center" });
}

const sentenceOf = ({ prediction, problem }) =>
  prediction ? `${className(prediction.decision)}, ${percent(prediction.probability)}` : problem?.title ?? "Waiting";

function show(image) {
  shown = image;
  viewer.show(image).then(renewSoon);
  slices.show(image);
  table.mark(image);
  describe();
}

function describe() {
  const image = shown, running = !find("progress").hidden;
  find("finding").replaceChildren(...finding(image, { running, onSave: () => savePicture(image) }));
}

function step(by) {
  const images = isVolume(shown.file) ? shown.file.images : study.images;
  const next = images[Math.min(Math.max(images.indexOf(shown) + by, 0), images.length - 1)];
  if (next !== shown) pick(next);
}

async function savePicture(image) {
  const frame = isVolume(image.file) ? image.frame : null;
  try {
    save("prediction.png", await picture(image.file.blob, { frame, opacity: viewer.opacity }), "image/png");
  } catch (problem) {
    if (!problem.code) throw problem;
    offerRetry(problem, () => { clearNotices(); savePicture(image); });
  }
}

/** Bring counts, progress and the strip up to date. */
function renew() {
  if (!study) return;
  const { images, answered, refused, uncertain, suspicious, waiting } = tally(study.images);
  const many = images > 1;
  const running = !find("progress").hidden;
  find("list").hidden = !many;
  find("summary").hidden = running;
  find("summary").textContent = !many ? "Drop other images anywhere on this page." : [count(images, "image"), `${answered} answered`, refused && `${refused} refused`,
    uncertain && `${uncertain} uncertain`, `${suspicious} suspicious (tumour 50 % or more)`, waiting && `${waiting} waiting`].filter(Boolean).join(" · ");
  const progress = study.progress, bar = find("progress-bar");
  find("progress-label").textContent = progress && many ? `${progress.done} of ${progress.expected} answered` : "Waiting for the answer";
  if (progress && many) bar.value = progress.done / progress.expected;
  else bar.removeAttribute("value");
  slices.show(shown);
}

function reset() {
  run.abort();
  turn += 1;
  study = shown = null;
  clearNotices();
  viewer.clear();
  table.keep([]);
  forgetPictures();
  find("study").hidden = true;
  find("welcome").hidden = false;
  find("main").focus({ preventScroll: true });
}

async function useSample() {
  const blob = await (await fetch("static/sample.png")).blob();
  await open([new File([blob], "Synthetic slice")]);
}

async function nameModel() {
  try {
    const { model } = await health();
    find("served").replaceChildren(`${model.name} ${model.version} `, element("code", {}, shortHash(model.sha256)));
  } catch (problem) {
    if (!problem.code) throw problem;
    find("served").textContent = problem.title;
  }
}
