/** The images on the table: files, their frames, and what the service said of each. */

export const WAITING = "waiting", ANSWERED = "answered", REFUSED = "refused";
const SUSPECTS = 5, SUSPICIOUS = 0.5;

export class Study {
  constructor(blobs) {
    this.files = blobs.map((blob, number) => ({
      number, blob, name: blob.name || "Pasted picture", alone: blobs.length === 1, frames: null, images: [],
    }));
    this.restart();
  }

  get images() {
    return this.files.flatMap((file) => file.images);
  }

  /** Files of which not all images have an answer, or one that may be another the next time. */
  get unfinished() {
    return this.files.filter((file) => !file.complete || file.images.some(({ problem }) => problem?.passing));
  }

  /** How much is done, 0..1; null as long as nothing is. */
  get progress() {
    const expected = this.files.reduce((sum, file) => sum + Math.max(file.frames ?? 1, file.images.length), 0);
    const done = this.images.filter(({ status }) => status !== WAITING).length;
    return done ? { done, expected } : null;
  }

  /** Put all unfinished files back to one image that waits, as before they were sent; returns them. */
  restart() {
    const files = this.unfinished;
    for (const file of files) this.#forget(file);
    return files;
  }

  #forget(file) {
    const [image = { file }] = file.images;
    file.complete = false;
    file.images = [Object.assign(image, { frame: null, status: WAITING, prediction: null, problem: null })];
  }

  /** Note one result; returns its image. */
  note(file, { frame, prediction, problem }) {
    const [first] = file.images;
    const image = first.status === WAITING ? first : { file };
    if (image !== first) file.images.push(image);
    return Object.assign(image, { frame, prediction, problem, status: prediction ? ANSWERED : REFUSED });
  }
}

export const isVolume = (file) => file.images.length > 1;

export const isSuspicious = ({ prediction }) => (prediction?.tumor_probability ?? 0) >= SUSPICIOUS;

/** The images of greatest tumour probability, of those that are suspicious at all. */
export function suspects(images) {
  const found = images.filter(isSuspicious);
  found.sort((one, other) => other.prediction.tumor_probability - one.prediction.tumor_probability);
  return found.slice(0, SUSPECTS);
}

/** Counts for the line above the images. */
export function tally(images) {
  const of = (kind) => images.filter(({ status }) => status === kind);
  return {
    images: images.length,
    answered: of(ANSWERED).length,
    refused: of(REFUSED).length,
    waiting: of(WAITING).length,
    uncertain: of(ANSWERED).filter(({ prediction }) => prediction.decision === "uncertain").length,
    suspicious: images.filter(isSuspicious).length,
  };
}
