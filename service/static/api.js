/** Requests to the service. The API key lives in this module's memory and nowhere else. */

import { Problem, brokenOff, problemOf, unreachable } from "./problems.js";

/** Overlays and base pictures are asked for at this edge, so that they cover each other. */
const EDGE = 1024;
let apiKey = null;

export function useKey(key) {
  apiKey = key;
}

export const hasKey = () => apiKey !== null;

/** Which model is in service. */
export async function health() {
  return (await send("health", { method: "GET" })).json();
}

/** Classify one image, with its heat map laid over it without any transparency. */
export async function predict(blob, { frame = null, signal } = {}) {
  const query = { explain: true, opacity: 1, ...(frame === null ? {} : { frame }) };
  return (await send("predict", { query, body: raw(blob), accept: "application/json", signal })).json();
}

/** The explained scan with its legend, as one PNG. */
export async function picture(blob, { frame = null, opacity, signal } = {}) {
  const query = { opacity, ...(frame === null ? {} : { frame }) };
  return (await send("predict", { query, body: raw(blob), accept: "image/png", signal })).blob();
}

/** Frames as one PNG, one under the other; how many frames the file has, and the height of a pixel over its width. */
export async function render(blob, { frame = 0, count = 1, signal } = {}) {
  const response = await send("render", { query: { frame, count, max_edge: EDGE }, body: raw(blob), accept: "image/png", signal });
  const number = (header) => Number(response.headers.get(header)) || 1;
  return { picture: await response.blob(), frames: number("X-Frames"), pixelAspect: number("X-Pixel-Aspect") };
}

/** Classify many files; `onResult` gets each line as it comes. File names are not sent. */
export async function predictBatch(blobs, { onResult, signal }) {
  const body = new FormData();
  for (const blob of blobs) body.append("files", blob, "image");
  const response = await send("predict/batch", { body, accept: "application/x-ndjson", signal });
  let summary = null;
  for await (const line of lines(response)) {
    if (line.kind === "summary") summary = line;
    else if (line.kind === "result") onResult({ ...line, problem: line.problem && new Problem(line.problem) });
  }
  if (!summary) throw brokenOff();
  return summary;
}

/** A blob without its media type, which the browser guesses from the name: the content decides. */
const raw = (blob) => blob.slice(0, blob.size, "application/octet-stream");

/** A token (three parts) goes as Bearer; a key leaves `Authorization` to a proxy. */
function credential() {
  if (!apiKey) return {};
  return apiKey.split(".").length === 3 ? { Authorization: `Bearer ${apiKey}` } : { "X-API-Key": apiKey };
}

async function send(path, { method = "POST", query = {}, body, accept = "application/json", signal }) {
  const url = new URL(path, document.baseURI);
  url.search = new URLSearchParams(query);
  const headers = { Accept: accept, ...credential() };
  let response;
  try {
    response = await fetch(url, { method, body, headers, signal, cache: "no-store", credentials: "same-origin" });
  } catch (error) {
    throw error.name === "AbortError" ? error : unreachable();
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await read(reader);
    const parts = (rest + (value ?? "")).split("\n");
    rest = done ? "" : parts.pop();
    for (const part of parts) if (part.trim()) yield parse(part);
    if (done) return;
  }
}

async function read(reader) {
  try {
    return await reader.read();
  } catch (error) {
    throw error.name === "AbortError" ? error : brokenOff();
  }
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    throw brokenOff();
  }
}
