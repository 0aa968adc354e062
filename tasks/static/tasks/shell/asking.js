import { Lazy } from "../core/lazy.js";

const asking = new Lazy(async () => (await import("./dialog.js")).ask);

/** As `ask` of dialog.js, which is loaded when something is first asked; false where it can't be loaded. @param {{title: string, text: string, yes: string}} question @returns {Promise<boolean>} */
export const ask = (question) => asking.get().then((each) => each(question), (error) => (Lazy.onFailure(error), false));
