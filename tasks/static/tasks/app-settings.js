/** The parts of the settings. */
import { AccountForm } from "./features/accounts/account-form.js";
import { PasswordForm } from "./features/accounts/password-form.js";
import { SettingsDialog } from "./shell/settings-dialog.js";

/**
 * @param {Object} parts
 * @param {import("./core/model.js").Model} parts.model
 * @param {import("./core/api.js").Api} parts.api
 * @param {string} parts.username
 * @param {(foreign: boolean) => void} parts.onSignedOut
 * @param {() => void} parts.showKeys
 */
export function setUpSettings({ model, api, username, onSignedOut, showKeys }) {
  const account = new AccountForm({ model, api, onSignedOut });
  const password = new PasswordForm({ api, username, onSignedOut });
  return new SettingsDialog([{ title: "Account", node: account.node, clear: () => account.clear(), show: () => account.show() }, { title: "Password", node: password.node, clear: () => password.clear() }], { showKeys });
}
