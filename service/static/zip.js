/** Open ZIP files in the browser, so that their images can be shown and named here. Nothing is inflated beyond bounds. */

const END = 0x06054b50, ENTRY = 0x02014b50, ENCRYPTED = 1;
/** Those that the service takes for a ZIP, too (`service/imaging/signatures.py`). */
const SIGNATURES = [0x04034b50, 0x06054b50, 0x08074b50];
const STORED = 0, DEFLATED = 8;
const MOST_ENTRIES = 10_000, MOST_BYTES = 2 ** 31;
/** As the service does (`service/batch/archive.py`). */
const SKIPPED = /(^|\/)(__MACOSX\/|\.(?!\.?\/)|DICOMDIR$|Thumbs\.db$)|\/$/;

export async function isZip(blob) {
  const head = await view(blob, 0, 4);
  return head.byteLength === 4 && SIGNATURES.includes(head.getUint32(0, true));
}

/** Return the files in it; throws RangeError for a ZIP that is damaged, encrypted or too large to open here. */
export async function unzip(blob) {
  const entries = (await directory(blob)).filter(({ name }) => !SKIPPED.test(name));
  if (entries.length > MOST_ENTRIES || entries.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES) {
    throw new RangeError("too large");
  }
  const files = [];
  for (const entry of entries) files.push(new File([await content(blob, entry)], entry.name));
  return files;
}

async function directory(blob) {
  const tail = await view(blob, Math.max(blob.size - 65_557, 0), blob.size);
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new RangeError("no central directory");
  const number = tail.getUint16(end + 10, true), size = tail.getUint32(end + 12, true), start = tail.getUint32(end + 16, true);
  const table = await view(blob, start, start + size);
  const entries = [];
  for (let at = 0; entries.length < number;) {
    const entry = readEntry(table, at);
    entries.push(entry);
    at += entry.length;
  }
  return entries;
}

function readEntry(table, at) {
  if (table.getUint32(at, true) !== ENTRY) throw new RangeError("damaged directory");
  const nameLength = table.getUint16(at + 28, true);
  const bytes = new Uint8Array(table.buffer, table.byteOffset + at + 46, nameLength);
  return {
    encrypted: Boolean(table.getUint16(at + 8, true) & ENCRYPTED),
    method: table.getUint16(at + 10, true),
    packed: table.getUint32(at + 20, true),
    size: table.getUint32(at + 24, true),
    start: table.getUint32(at + 42, true),
    name: new TextDecoder().decode(bytes),
    length: 46 + nameLength + table.getUint16(at + 30, true) + table.getUint16(at + 32, true),
  };
}

async function content(blob, { encrypted, method, packed, size, start }) {
  const head = await view(blob, start, start + 30);
  const begin = start + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const bytes = blob.slice(begin, begin + packed);
  if (encrypted || ![STORED, DEFLATED].includes(method) || bytes.size !== packed) throw new RangeError("cannot be read here");
  return method === STORED ? bytes : inflate(bytes, size);
}

/** Inflate, but never more than the directory announced. */
async function inflate(bytes, size) {
  const pieces = [];
  let sum = 0;
  try {
    for await (const piece of chunks(bytes.stream().pipeThrough(new DecompressionStream("deflate-raw")))) {
      sum += piece.byteLength;
      if (sum > size) break;
      pieces.push(piece);
    }
  } catch {
    throw new RangeError("damaged content");
  }
  if (sum !== size) throw new RangeError("damaged content");
  return new Blob(pieces);
}

async function* chunks(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function view(blob, start, end) {
  return new DataView(await blob.slice(start, end).arrayBuffer());
}
