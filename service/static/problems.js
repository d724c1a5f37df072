/** What went wrong, in words: problems of the service (RFC 9457), of the way to it, and of this browser. */

export class Problem extends Error {
  constructor({ type = "about:blank", title, status = 0, detail, request_id = null, retryAfter = null, ...more }) {
    super(title);
    Object.assign(this, { title, status, detail, retryAfter, requestId: request_id, more });
    this.code = type.split("/").pop();
  }

  /** Whether the same images may well be answered when they are sent again. */
  get passing() {
    return this.status === 0 || [408, 429, 502, 503, 504].includes(this.status);
  }
}

/** Read the problem out of an answer that is not 2xx. */
export async function problemOf(response) {
  const retryAfter = Number.parseInt(response.headers.get("Retry-After"), 10) || null;
  const isProblem = (response.headers.get("Content-Type") ?? "").startsWith("application/problem+json");
  const members = isProblem ? await response.json() : foreign(response);
  return new Problem({ ...members, retryAfter });
}

export const unreachable = () => new Problem({
  title: "The service does not answer",
  detail: "The connection failed or was cut. Check that the service runs and that you are in its network, then send again.",
});

export const brokenOff = () => new Problem({
  title: "The answer broke off",
  detail: "The service stopped in the middle of its answer. What had arrived is shown; send the rest again.",
});

function foreign(response) {
  return {
    title: `HTTP ${response.status}`,
    status: response.status,
    detail: "Something between this page and the service refused the request. Ask who runs it.",
  };
}
