/**
 * A random UUID (version 4). `crypto.randomUUID` exists only in secure contexts, so not on plain http under a local
 * network name; `crypto.getRandomValues` exists everywhere.
 * @param {Partial<Crypto> & Pick<Crypto, "getRandomValues">} [source]
 * @returns {string}
 */
export function uuid(source = crypto) {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  const set = (/** @type {number} */ at, /** @type {number} */ keep, /** @type {number} */ bits) => (bytes[at] = ((bytes[at] ?? 0) & keep) | bits);
  set(6, 0x0f, 0x40);
  set(8, 0x3f, 0x80);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
