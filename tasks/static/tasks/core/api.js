import { expanded } from "./compact.js";
import { uuid } from "./ids.js";
import { initialFields, KINDS } from "./kinds.js";

/**
 * The REST API client, for one person.
 *
 * @typedef {import("./types.js").Operation} Operation
 * @typedef {{errors?: Record<string, string | string[]>, detail?: string, title?: string, current?: any}} Problem
 */

/** An error response of the API, or no response at all (`status` 0). */
export class ApiError extends Error {
  /** The session belongs to another person than this page. */
  foreign = false;

  /** @param {number} status @param {Problem} [problem] @param {number} [retryAfter]  seconds */
  constructor(status, problem = {}, retryAfter = 0) {
    super(sentence(status, problem));
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** The session has ended. */
  get signedOut() {
    return this.status === 401;
  }

  /** A temporary failure of the network or the server, or the same request is under way: it may succeed later. */
  get passing() {
    return [0, 408, 425, 429, 502, 503, 504].includes(this.status) || (this.status === 409 && this.retryAfter > 0);
  }
}

const GONE = "does not exist any more, or you cannot see it.";

/** One sentence: the fields' errors, or the server's text, or the status. @param {number} status @param {Problem} problem */
function sentence(status, { errors, detail, title }) {
  const fields = Object.entries(errors ?? {}).map(([field, texts]) => ofField(field, [texts].flat().join(" ")));
  if (fields.length) return fields.join(" ");
  if (status === 404) return `It ${GONE}`;
  if (status === 0) return "The server cannot be reached.";
  if (status === 429 || status === 503) return "The server is busy.";
  if (status >= 500) return `The server had an error (${status}).`;
  return detail || title || `The server answered ${status}.`;
}

/** How the server begins a text that is about a field, and what a person reads in its place. @type {[RegExp, string][]} */
const BEGINNINGS = [[/^Invalid pk .*/, GONE], [/^This field /, ""], [/^Ensure this field has /, "must have "], [/^Ensure this value is /, "must be "], [/^Must /, "must "], [/^This has to /, "has to "]];
/** A sentence that needs no name of a field before it. */
const WHOLE = /^(A|An|The|This|You|Only|Enter|There is no such (?!field|parameter))\b/;

/** @param {string} field @param {string} text */
function ofField(field, text) {
  const name = field.replaceAll("_", " ");
  const [pattern, words] = BEGINNINGS.find(([each]) => each.test(text)) ?? [];
  if (pattern) return `The ${name} ${text.replace(pattern, words ?? "")}`;
  return field === "non_field_errors" || WHOLE.test(text) ? text : `${name}: ${text}`;
}

/** The text for a failure of the server or of this page. @param {any} error */
export const explain = (error) =>
  error instanceof ApiError ? error.message : `This page has a fault (${error?.message ?? error}). Reload it; if that does not help, report it.`;

const SAFE = new Set(["GET", "HEAD"]);
const IDLE_SECONDS = 15; // without a byte; the whole response may take longer
const SLOW_SECONDS = 2;
const MOST_RETRY_AFTER = 300; // seconds; upper bound for the header

/**
 * Every write is bound to `person`. Another tab can sign in another person at any time and so replace the browser's cookies.
 * Each sign-in rotates the CSRF token, and writes carry the token of the person's own sign-in: the server refuses them as
 * soon as somebody else is signed in.
 */
export class Api {
  /** @type {?number} */
  person = null;
  #pinned = "";

  /**
   * @param {Object} [options]
   * @param {string} [options.root]     the path of the application, with a slash at its end
   * @param {string} [options.cookie]   the name of the CSRF cookie
   * @param {() => string} [options.cookies]
   * @param {(url: string, init?: RequestInit) => Promise<Response>} [options.fetch]
   * @param {() => void} [options.onSlow]   an answer has been outstanding for two seconds
   * @param {{setTimeout: (call: () => void, ms: number) => any, clearTimeout: (timer: any) => void}} [options.clock]
   */
  constructor({ root = "/", cookie = "csrftoken", cookies = () => document.cookie, fetch, onSlow = () => {}, clock } = {}) {
    this.root = root;
    this.cookie = cookie;
    this.cookies = cookies;
    this.fetch = fetch ?? ((...all) => globalThis.fetch(...all));
    this.onSlow = onSlow;
    this.clock = clock ?? { setTimeout: (call, ms) => setTimeout(call, ms), clearTimeout: (timer) => clearTimeout(timer) };
    this.requests = new Set(); // ids of recent requests, to recognise their events
  }

  /** Binds all writes to this person. @param {number} person @param {string} token  the CSRF cookie, read before the person was known */
  bind(person, token) {
    this.person = person;
    this.#pinned = token;
  }

  /**
   * The decoded answer; null for an empty one. Raises ApiError. `version` goes along as If-Match, `prefer` as Prefer, `key`
   * as Idempotency-Key: a request that has arrived before is answered as then.
   * @param {string} method
   * @param {string} path
   * @param {any} [body]
   * @param {{version?: number | undefined, prefer?: string, key?: string, keepalive?: boolean}} [options]
   * @returns {Promise<any>}
   */
  async request(method, path, body, options = {}) {
    const token = this.#pinned || this.csrfToken();
    try {
      return await this.#ask(method, path, body, { ...options, token });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403 || path === "/api/me") throw error;
      const person = await this.whoIsSignedIn();
      if (person === null) error.status = 401;
      else if (this.person !== null && person.id !== this.person) error.foreign = true;
      else if (!SAFE.has(method) && this.#pinned !== token) return this.#ask(method, path, body, { ...options, token: this.#pinned });
      throw error;
    }
  }

  /** Whether the browser's sign-in is still the one of this page, as its cookie tells. */
  get isOwnSession() {
    return this.#pinned !== "" && this.#pinned === this.csrfToken();
  }

  /** The person whose session the browser has; null without one. Raises ApiError if that is unknown. */
  async whoIsSignedIn() {
    const token = this.csrfToken(); // read before the request: a sign-in meanwhile invalidates it
    try {
      const person = await this.#ask("GET", "/api/me", undefined, {});
      if (person?.id === this.person) this.#pinned = token;
      return person;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null;
      throw error;
    }
  }

  /** A snapshot of these streams, or of everything. @param {?string[]} [streams] */
  async sync(streams) {
    const query = (streams ?? []).map((stream) => `stream=${encodeURIComponent(stream)}`).join("&");
    return expanded(await this.request("GET", `/api/sync${query && "?" + query}`, undefined, { prefer: "columns" }));
  }

  /**
   * Sends one operation of the outbox; returns the object as it now is, or null. A creation that is sent again is known by
   * its object's id, everything else by the operation's key.
   * @param {Operation} operation
   * @param {{keepalive?: boolean}} [options]
   */
  async send({ key, kind, id, verb, fields, version, quick, given, beside }, options) {
    const base = KINDS[kind]?.path;
    if (quick) {
      const task = await this.#sendLine({ id, fields, quick }, options);
      const own = quick.typed_at ? unsaid(given, task, quick) : given;
      const labels = own?.labels ? { labels: [...new Set([...task.labels, ...own.labels])].sort() } : {};
      return own ? this.request("PATCH", `${base}/${id}`, { ...own, ...labels }, options) : task;
    }
    if (beside) {
      const place = { ...fields, ...beside, position: undefined }; // the server finds the number itself
      return this.request("POST", `${base}/${id}/move`, place, { version, key, ...options });
    }
    switch (verb) {
      case "create":
        return this.request("POST", `${base}`, { id, ...fields }, options);
      case "update":
        return this.request("PATCH", `${base}/${id}`, fields, { version, key, ...options });
      default:
        return this.request("DELETE", `${base}/${id}`, undefined, { version, key, ...options });
    }
  }

  /** Creates a task from a line of quick add. A line that the server can't parse, and that was typed offline, becomes the title. @param {Pick<Operation, "id" | "fields" | "quick">} operation @param {{keepalive?: boolean}} [options] */
  async #sendLine({ id, fields, quick }, options) {
    try {
      return (await this.request("POST", "/api/tasks/quick-add", { id, ...quick }, options)).task;
    } catch (error) {
      if (!quick?.typed_at || !(error instanceof ApiError) || error.status !== 400) throw error;
      return this.request("POST", "/api/tasks", { id, ...fields }, options);
    }
  }

  /** Sends operations on tasks in one request; returns what became of each. @param {Operation[]} operations @returns {Promise<{answer?: any, error?: ApiError}[]>} */
  async sendAll(operations) {
    const bodies = operations.map(({ id, verb, fields, version, beside }) => ({
      ...fields,
      ...(beside ? { op: "move", ...beside, position: undefined } : { op: verb }), // beside others, the server finds the number
      id,
      ...(verb === "update" && version ? { base_version: version } : {}),
    }));
    const key = `${operations[0]?.key}.${checksum(JSON.stringify(bodies))}`; // what was left of them is another request
    const { results } = await this.request("POST", "/api/tasks/bulk", { operations: bodies, atomic: false }, { key });
    return results.map((/** @type {any} */ result) => (result.error ? { error: new ApiError(result.status, result.error) } : { answer: result }));
  }

  /** Whether the person can read what has this path: false only where the server says that it is not there. @param {string} path */
  isThere(path) {
    return this.request("GET", path).then(() => true, ({ status }) => status !== 404);
  }

  /** Whether a form was accepted: the server redirects. Raises ApiError. @param {string} path @param {Record<string, string>} fields */
  async submit(path, fields) {
    const headers = { "X-CSRFToken": this.csrfToken() };
    const { answer } = await this.#read(path, { method: "POST", headers, body: new URLSearchParams(fields), redirect: "manual" });
    if (answer.type === "opaqueredirect") return true;
    if (answer.ok) return false;
    throw new ApiError(answer.status);
  }

  csrfToken() {
    const pair = this.cookies().split("; ").find((each) => each.startsWith(`${this.cookie}=`));
    return pair ? decodeURIComponent(pair.slice(this.cookie.length + 1)) : "";
  }

  /** @param {string} method @param {string} path @param {any} body @param {{version?: number | undefined, prefer?: string, key?: string, keepalive?: boolean, token?: string}} options */
  async #ask(method, path, body, { version, prefer, key, keepalive = false, token = "" }) {
    const id = uuid();
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", "X-Request-ID": id };
    if (!SAFE.has(method)) {
      headers["X-CSRFToken"] = token;
      this.#remember(id);
    }
    if (prefer) headers.Prefer = prefer;
    if (key) headers["Idempotency-Key"] = `"${key}"`;
    if (version) headers["If-Match"] = `"${version}"`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const content = body === undefined ? null : JSON.stringify(body);
    const slow = keepalive ? null : this.clock.setTimeout(this.onSlow, SLOW_SECONDS * 1000);
    try {
      const { answer, text } = await this.#read(`${this.root}${path.slice(1)}`, { method, headers, body: content, keepalive });
      return decoded(answer, text);
    } finally {
      this.clock.clearTimeout(slow);
    }
  }

  /** Reads the response. It is aborted if no byte arrives for a while, not if it takes long. @param {string} url @param {RequestInit} init */
  async #read(url, init) {
    const controller = new AbortController();
    /** @type {any} */
    let timer = null;
    const wait = () => {
      this.clock.clearTimeout(timer);
      if (!init.keepalive) timer = this.clock.setTimeout(() => controller.abort(), IDLE_SECONDS * 1000);
    };
    wait();
    try {
      const answer = await this.fetch(url, { ...init, signal: controller.signal });
      const decoder = new TextDecoder();
      let text = "";
      for (const reader = answer.body?.getReader(); reader; ) {
        wait();
        const { done, value } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
      }
      return { answer, text: text + decoder.decode() };
    } catch (error) {
      throw Object.assign(new ApiError(0), { cause: error });
    } finally {
      this.clock.clearTimeout(timer);
    }
  }

  /** @param {string} id */
  #remember(id) {
    this.requests.add(id);
    if (this.requests.size > 500) this.requests.delete(this.requests.values().next().value);
  }
}

/** @param {Response} answer @param {string} text */
function decoded(answer, text) {
  const data = parse(text);
  if (answer.ok && (data !== undefined || !text)) return data ?? null;
  if (answer.ok) throw new ApiError(502, { detail: "Something between this page and the server answered instead of it." }); // a captive portal
  throw new ApiError(answer.status, data ?? {}, secondsOf(answer.headers.get("Retry-After")));
}

/** What was chosen beside a line, and is not said by it; null for nothing. @param {import("./types.js").Fields | undefined} given @param {any} task  as it was made @param {import("./types.js").Fields} line */
function unsaid(given, task, line) {
  const initial = initialFields("task");
  const ofList = task.list === line.list ? [] : ["labels", "section", "assignee", "parent"];
  const isUnsaid = (/** @type {string} */ name) => name === "labels" || JSON.stringify(task[name]) === JSON.stringify(initial[name]);
  const left = Object.entries(given ?? {}).filter(([name]) => !ofList.includes(name) && isUnsaid(name.startsWith("due_") ? "due_date" : name));
  return left.length ? Object.fromEntries(left) : null;
}

/** @param {string} text */
function checksum(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
  return (sum >>> 0).toString(36);
}

/** A Retry-After header, a number of seconds or a date, in seconds. @param {?string} header */
export function secondsOf(header, now = Date.now()) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Math.min(MOST_RETRY_AFTER, Math.max(0, seconds || 0));
}

/** @param {string} text */
function parse(text) {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
