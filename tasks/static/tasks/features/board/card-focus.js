/**
 * The focus among the cards of a board or a calendar, of which the Tab key reaches one: the last that had the focus.
 *
 * @typedef {import("./card.js").Card} Card
 *
 * @typedef {Object} Cards
 * @property {string[]} order                             their ids
 * @property {(id: string) => Card | undefined} row       the card, if it is drawn
 * @property {(id: string) => Card | undefined} reveal    the card, drawn and scrolled into view
 */
export class CardFocus {
  /** The card that the Tab key reaches. @type {?string} */
  active = null;

  /** @param {HTMLElement} area @param {Cards} cards */
  constructor(area, cards) {
    this.area = area;
    this.cards = cards;
    area.addEventListener("focusin", ({ target }) => this.#entered(target));
  }

  /** The card that has the focus. @returns {string | undefined} */
  get id() {
    const card = document.activeElement?.closest(".card");
    return card instanceof HTMLElement && this.area.contains(card) ? card.dataset.id : undefined;
  }

  /** Moves the focus to the card; to its check box, if that of another card has the focus. @param {string | undefined} id */
  moveTo(id) {
    const card = id ? this.cards.reveal(id) : undefined;
    const isOnCheck = document.activeElement?.matches(".card .check");
    (isOnCheck ? card?.check : card?.title)?.focus({ preventScroll: true });
    return !!card;
  }

  /** @param {EventTarget | null} target */
  #entered(target) {
    const card = target instanceof Element ? target.closest(".card") : null;
    if (!(card instanceof HTMLElement) || card.dataset.id === this.active) return;
    for (const control of this.cards.row(this.active ?? this.cards.order[0] ?? "")?.controls ?? []) control.tabIndex = -1;
    this.active = card.dataset.id ?? null;
    for (const control of this.cards.row(this.active ?? "")?.controls ?? []) control.tabIndex = 0;
  }
}
