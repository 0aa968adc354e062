const START = 8; // px before it is a drag and no tap
const FAR = 120; // px after which letting go closes
const FAST = 0.6; // px per ms, in which it closes sooner

/**
 * Has a sheet closed by dragging it down at its upper edge. Escape, Back and its button close it, too.
 *
 * @param {Object} parts
 * @param {HTMLElement} parts.sheet
 * @param {string} parts.handle        a selector: what it is dragged at
 * @param {() => boolean} parts.isOn   whether it is a sheet now, and not a column of the page
 * @param {() => void} parts.close
 */
export function dragToClose({ sheet, handle, isOn, close }) {
  /** @type {?{id: number, y: number, at: number, moved: boolean}} */
  let drag = null;
  const by = (/** @type {PointerEvent} */ { clientY }) => Math.max(0, clientY - (drag?.y ?? clientY));
  const end = (/** @type {PointerEvent} */ event, mayClose = true) => {
    if (!drag?.moved || event.pointerId !== drag.id) return void (drag = null);
    const way = by(event);
    const closes = mayClose && (way > FAR || (way > START && way / (event.timeStamp - drag.at) > FAST));
    drag = null;
    sheet.classList.remove("dragged");
    if (closes) return close();
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) sheet.animate({ transform: [`translateY(${way}px)`, "none"] }, { duration: 180, easing: "ease-out" });
  };
  sheet.addEventListener("pointerdown", ({ target, pointerId, clientY, timeStamp, isPrimary }) => {
    if (isPrimary && isOn() && target instanceof Element && target.closest(handle)) drag = { id: pointerId, y: clientY, at: timeStamp, moved: false };
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    if (!drag.moved && by(event) < START) return;
    if (!drag.moved) sheet.setPointerCapture(event.pointerId); // no button is clicked at its end
    drag.moved = true;
    sheet.classList.add("dragged");
    sheet.style.setProperty("--drag", `${by(event)}px`);
  });
  sheet.addEventListener("pointerup", (event) => end(event));
  sheet.addEventListener("pointercancel", (event) => end(event, false));
}
