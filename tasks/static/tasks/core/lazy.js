/**
 * A part of the page whose modules are loaded when it is first wanted, or when the browser has nothing else to do.
 * @template T
 */
export class Lazy {
  /** Called where something that was asked for could not be loaded. @type {(error: unknown) => void} */
  static onFailure = (error) => console.warn("A part of the page could not be loaded", error);

  /** Loads what the parts have in common, their styles. @type {() => Promise<unknown>} */
  static shared = () => Promise.resolve();

  /** @type {?Promise<T>} */
  #made = null;
  /** @type {?T} */
  #part = null;

  /** @param {() => Promise<T>} make   imports the modules and makes the part */
  constructor(make) {
    this.make = make;
  }

  /** The part, if it has been loaded. */
  get now() {
    return this.#part;
  }

  /** Loads the part, once; after a failure, for example offline, it can be asked again. @returns {Promise<T>} */
  get() {
    this.#made ??= Promise.all([this.make(), Lazy.shared()]).then(
      ([part]) => (this.#part = part),
      (error) => {
        this.#made = null;
        throw error;
      },
    );
    return this.#made;
  }

  /** Calls with the part: at once if it is there, or when it has been loaded. @param {(part: T) => void} call */
  use(call) {
    if (this.#part) call(this.#part);
    else this.get().then(call, (error) => console.warn("A part of the page could not be loaded", error));
  }

  /** As `use`, for what opens over the page: Escape, pressed before the part is there, cancels it. @param {(part: T) => void} call */
  open(call) {
    const escaped = new AbortController();
    const onKey = (/** @type {KeyboardEvent} */ { key }) => key === "Escape" && escaped.abort();
    if (!this.#part) document.addEventListener("keydown", onKey, { capture: true, signal: escaped.signal });
    const opened = (/** @type {T} */ part) => {
      if (escaped.signal.aborted) return;
      escaped.abort();
      call(part);
    };
    if (this.#part) opened(this.#part);
    else this.get().then(opened, (error) => (escaped.abort(), Lazy.onFailure(error)));
  }
}
