/** The values that something was made of: whether it has to be made again. */
export class Stamp {
  /** Another array only if one of them has changed. @type {any[]} */
  values = [];

  /** Whether any of them differs from those of the last time. @param {...any} values */
  isNew(...values) {
    const isNew = !this.values.length || values.some((each, at) => each !== this.values[at]);
    if (isNew) this.values = values;
    return isNew;
  }
}
