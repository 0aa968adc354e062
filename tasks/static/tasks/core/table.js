/**
 * A map that is copied in the time that its changes take, not its size: a table of ten thousand tasks gets a copy for each
 * event. Copies share a base that none of them changes, and each has its own differences from it. What differs between two
 * of them is known without comparing all entries, so what is derived from one can follow the other.
 */
const GONE = Symbol("deleted");
const MOST = 200; // differences with which a table shares its base; with more, it gets another one first

/**
 * @template K, V
 * @extends {Map<K, V>}
 */
export class Table extends Map {
  /** @type {Map<K, V>} */
  #base;
  /** @type {Map<K, any>} */
  #own = new Map();
  /** @type {number} */
  #size;
  /** The base before this one, and what differed from it. @type {?{base: Map<K, V>, own: Map<K, any>}} */
  #former = null;

  #isShared = false; // by copies; a base that is not, is changed itself

  /** @param {Iterable<[K, V]>} [from] */
  constructor(from = []) {
    super();
    if (!(from instanceof Table)) {
      this.#base = new Map(from);
      this.#size = this.#base.size;
      return;
    }
    if (from.#own.size > MOST) from.#rebase();
    this.#isShared = from.#isShared = from.#base.size > 0;
    this.#base = this.#isShared ? from.#base : new Map();
    this.#own = new Map(from.#own);
    this.#size = from.#size;
    this.#former = from.#former;
  }

  /** Puts what differs into a base of its own. The table holds the same as before; who is reading it reads on in the old one. */
  #rebase() {
    const former = { base: this.#base, own: this.#own };
    this.#former = this.#own.size <= 2 * MOST ? former : null;
    this.#base = new Map(this);
    this.#own = new Map();
  }

  /** @override */
  get size() {
    return this.#size ?? 0;
  }

  /** @override @param {K} key @returns {V | undefined} */
  get(key) {
    const own = this.#own.get(key);
    if (own === undefined) return this.#base.get(key);
    return own === GONE ? undefined : own;
  }

  /** @override @param {K} key */
  has(key) {
    return this.get(key) !== undefined;
  }

  /** @override @param {K} key @param {V} value */
  set(key, value) {
    if (!this.#isShared) {
      this.#base.set(key, value);
      this.#size = this.#base.size;
      return this;
    }
    if (!this.has(key)) this.#size += 1;
    this.#own.set(key, value);
    return this;
  }

  /** @override @param {K} key */
  delete(key) {
    if (!this.has(key)) return false;
    this.#size -= 1;
    if (!this.#isShared) this.#base.delete(key);
    else if (this.#base.has(key)) this.#own.set(key, GONE);
    else this.#own.delete(key);
    return true;
  }

  /** @override */
  clear() {
    this.#base = new Map();
    this.#own = new Map();
    this.#former = null;
    this.#size = 0;
    this.#isShared = false;
  }

  /** @override @returns {MapIterator<[K, V]>} */
  *entries() {
    const base = this.#base;
    const differing = this.#own;
    for (const [key, value] of base) {
      const own = differing.get(key);
      if (own === undefined) yield [key, value];
      else if (own !== GONE) yield [key, own];
    }
    for (const [key, value] of differing) if (!base.has(key)) yield [key, value];
    return undefined;
  }

  /** @override */
  [Symbol.iterator]() {
    return this.entries();
  }

  /** @override @returns {MapIterator<K>} */
  *keys() {
    for (const [key] of this.entries()) yield key;
    return undefined;
  }

  /** @override @returns {MapIterator<V>} */
  values() {
    return this.#own.size ? this.#ownValues() : this.#base.values();
  }

  /** @returns {MapIterator<V>} */
  *#ownValues() {
    const base = this.#base;
    const differing = this.#own;
    for (const [key, value] of base) {
      const own = differing.get(key);
      if (own !== GONE) yield own ?? value;
    }
    for (const [key, value] of differing) if (!base.has(key)) yield value;
    return undefined;
  }

  /** @override @param {(value: V, key: K, map: Map<K, V>) => void} call */
  forEach(call) {
    for (const [key, value] of this.entries()) call(value, key, this);
  }

  /**
   * The keys whose values differ from those in another table; null if the two have no base in common, or if they are many.
   * @param {Map<K, V>} other
   * @returns {?K[]}
   */
  changedSince(other) {
    if (!(other instanceof Table) || this.#own.size > 2 * MOST) return null;
    const isSame = other.#base === this.#base;
    const between = isSame ? null : this.#former?.base === other.#base ? this.#former.own : null;
    if (!isSame && !between) return null;
    const keys = new Set([...other.#own.keys(), ...(between?.keys() ?? []), ...this.#own.keys()]);
    return [...keys].filter((key) => this.get(key) !== other.get(key));
  }
}

/** @type {{before: ?Map<any, any>, after: ?Map<any, any>, keys: ?any[]}} */
let last = { before: null, after: null, keys: null };

/**
 * As `changedSince`, for maps of any kind; asked for the same two again, it knows the answer.
 * @template K
 * @param {Map<K, any>} before
 * @param {Map<K, any>} after
 * @returns {?K[]}
 */
export function changedKeys(before, after) {
  if (before === after) return [];
  if (last.before !== before || last.after !== after) last = { before, after, keys: after instanceof Table ? after.changedSince(before) : null };
  return last.keys;
}
