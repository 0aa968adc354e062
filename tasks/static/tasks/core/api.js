/** An answer of the API that is no success, or none at all (`status` 0). */
export class ApiError extends Error {
  constructor(status, problem = {}, retryAfter = 0) {
    super(sentence(status, problem));
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** Not signed in any more. */
  get signedOut() {
    return this.status === 401;
  }

  /** Nobody is to blame but the network or a server that is busy: the same request may succeed later. */
  get passing() {
    return [0, 408, 425, 429, 502, 503, 504].includes(this.status);
  }
}

/** One sentence for people: the fields' errors if there are any, else what the server or the status says. */
function sentence(status, { errors, detail, title }) {
  const fields = Object.entries(errors ?? {}).map(([field, texts]) => {
    const text = [texts].flat().join(" ");
    return field === "non_field_errors" ? text : `${field.replaceAll("_", " ")}: ${text}`;
  });
  if (fields.length) return fields.join(" ");
  if (status === 0) return "The server cannot be reached.";
  if (status >= 500) return "The server had an error. Try again in a moment.";
  return detail || title || `The server answered ${status}.`;
}

const SAFE = new Set(["GET", "HEAD"]);

/** The REST API as the signed-in person. `cookie` names the cookie that holds the token against forged requests. */
export class Api {
  constructor({ cookie = "csrftoken", fetch = (...all) => globalThis.fetch(...all), timeout = 15_000 } = {}) {
    this.cookie = cookie;
    this.fetch = fetch;
    this.timeout = timeout;
    this.requests = new Set(); // the ids of the newest requests, to tell their events from those of others
  }

  /** The decoded answer; null for an empty one. Raises ApiError. `version` goes along as If-Match. */
  async request(method, path, body, { version, keepalive = false } = {}) {
    const id = crypto.randomUUID();
    const headers = { Accept: "application/json", "X-Request-ID": id };
    if (!SAFE.has(method)) {
      headers["X-CSRFToken"] = this.csrfToken();
      this.#remember(id);
    }
    if (version) headers["If-Match"] = `"${version}"`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const signal = keepalive ? undefined : AbortSignal.timeout(this.timeout);
    const content = body === undefined ? undefined : JSON.stringify(body);
    let answer;
    let text;
    try {
      answer = await this.fetch(path, { method, headers, body: content, keepalive, signal });
      text = await answer.text();
    } catch {
      throw new ApiError(0);
    }
    const data = parse(text);
    if (answer.ok) return data;
    const error = new ApiError(answer.status, data ?? {}, Number(answer.headers.get("Retry-After")) || 0);
    if (answer.status === 403 && path !== "/api/me" && !(await this.#isSignedIn())) error.status = 401;
    throw error;
  }

  /** A snapshot of these streams, or of everything. */
  sync(streams) {
    const query = (streams ?? []).map((stream) => `stream=${encodeURIComponent(stream)}`).join("&");
    return this.request("GET", `/api/sync${query && `?${query}`}`);
  }

  /** Sends one operation of the outbox; returns the object as it now is, or null. */
  async send({ kind, id, verb, fields, version }, options) {
    const base = { task: "/api/tasks", list: "/api/lists" }[kind];
    switch (verb) {
      case "create":
        return this.request("POST", base, { id, ...fields }, options);
      case "update":
        return this.request("PATCH", `${base}/${id}`, fields, { version, ...options });
      default:
        return this.request("DELETE", `${base}/${id}`, undefined, { version, ...options });
    }
  }

  /** Whether the name and password were right. */
  async signIn(path, username, password) {
    const body = new URLSearchParams({ username, password });
    const headers = { "X-CSRFToken": this.csrfToken() };
    try {
      const answer = await this.fetch(path, { method: "POST", headers, body, redirect: "manual" });
      if (answer.type === "opaqueredirect") return true;
      if (answer.ok) return false;
      throw new ApiError(answer.status);
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0);
    }
  }

  csrfToken() {
    const pair = document.cookie.split("; ").find((each) => each.startsWith(`${this.cookie}=`));
    return pair ? decodeURIComponent(pair.slice(this.cookie.length + 1)) : "";
  }

  async #isSignedIn() {
    try {
      await this.request("GET", "/api/me");
      return true;
    } catch (error) {
      return !(error.status === 401 || error.status === 403);
    }
  }

  #remember(id) {
    this.requests.add(id);
    if (this.requests.size > 500) this.requests.delete(this.requests.values().next().value);
  }
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
