/** How images come in: chosen, dropped (folders too), or pasted. */

import { find } from "./dom.js";
import { isZip, unzip } from "./zip.js";

/** Call `onFiles` with every set of files that comes in. */
export function takeFiles(onFiles) {
  const chooser = find("chooser");
  chooser.addEventListener("change", () => {
    const files = [...chooser.files];
    chooser.value = "";
    if (files.length) onFiles(files);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onFiles(files);
  });
  takeDrops(onFiles);
}

/** Replace each ZIP file by what is in it; one that cannot be opened here is left to the service. */
export async function unpack(files) {
  const found = [];
  for (const file of files) {
    try {
      found.push(...(await isZip(file) ? await unzip(file) : [file]));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      found.push(file);
    }
  }
  return found;
}

function takeDrops(onFiles) {
  const veil = find("veil");
  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const enter = (by) => (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += by;
    veil.hidden = depth <= 0;
  };
  addEventListener("dragenter", enter(1));
  addEventListener("dragleave", enter(-1));
  addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    const files = await droppedFiles(event.dataTransfer);
    if (files.length) onFiles(files);
  });
}

async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return plain;
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) return [await new Promise((resolve, reject) => { entry.file(resolve, reject); })];
  const reader = entry.createReader(), children = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) break;
    children.push(...some);
  }
  children.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  return (await Promise.all(children.map(walk))).flat();
}
