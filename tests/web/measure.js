/** What measure.py reads in the page; runs before the page's own scripts. Times are in ms of `performance.now()`. */
window.marks = {}; // when the first row was drawn, and when the page was live
window.interactions = []; // entries of the Event Timing API; and the events of dragging, which it leaves out
window.heard = []; // [moment, text] of each message of the socket; moments since the epoch

const nowSinceEpoch = () => performance.timeOrigin + performance.now();

/** Calls back when the next frame has been drawn. */
function afterFrame(call) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = call;
  requestAnimationFrame(() => port2.postMessage(0)); // the message comes after the frame
}

{
  const look = () => {
    if (!window.marks.rows && document.querySelector("#open .task")) window.marks.rows = performance.now();
    if (document.getElementById("badge")?.dataset.status === "live") window.marks.live = performance.now();
    else requestAnimationFrame(look);
  };
  look();
  new PerformanceObserver((list) => window.interactions.push(...list.getEntries().filter((each) => each.interactionId))).observe({
    type: "event",
    durationThreshold: 16,
  });
  const drag = ({ timeStamp }) => afterFrame(() => window.interactions.push({ duration: performance.now() - timeStamp }));
  for (const type of ["dragstart", "dragover", "drop"]) addEventListener(type, drag, { capture: true });
  window.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", ({ data }) => window.heard.push([nowSinceEpoch(), data]));
    }
  };
}

/** The durations of the frames of so many ms. */
window.framesOf = (ms) =>
  new Promise((resolve) => {
    const begin = performance.now();
    const frames = [];
    let last = begin;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      if (now - begin < ms) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  });

/** When the task came by the socket, when it was in the document, and when the frame with it was drawn. */
window.drawnOf = (id) =>
  new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("The row was not drawn in ten seconds")), 10_000);
    const observer = new MutationObserver(() => look());
    const look = () => {
      if (!document.querySelector(`[data-id="${id}"]`)) return;
      observer.disconnect();
      const there = nowSinceEpoch();
      afterFrame(() => resolve([window.heard.find(([, data]) => data.includes(id))?.[0], there, nowSinceEpoch()]));
    };
    observer.observe(document.getElementById("open"), { childList: true });
    look();
  });
