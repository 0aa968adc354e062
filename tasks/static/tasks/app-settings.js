/** The parts of the settings. */
import { AccountForm } from "./features/accounts/account-form.js";
import { PasswordForm } from "./features/accounts/password-form.js";
import { NotificationSetting } from "./features/reminders/notification-setting.js";
import { SettingsDialog } from "./shell/settings-dialog.js";

/**
 * @param {Object} parts
 * @param {import("./core/model.js").Model} parts.model
 * @param {import("./core/api.js").Api} parts.api
 * @param {string} parts.username
 * @param {(foreign: boolean) => void} parts.onSignedOut
 * @param {import("./features/reminders/notifications.js").Notifications} parts.notifications
 * @param {() => void} parts.showKeys
 */
export function setUpSettings({ model, api, username, onSignedOut, notifications, showKeys }) {
  const parts = [
    { title: "Account", part: new AccountForm({ model, api, onSignedOut }) },
    { title: "Reminders", part: new NotificationSetting(notifications) },
    { title: "Password", part: new PasswordForm({ api, username, onSignedOut }) },
  ];
  return new SettingsDialog(parts, { showKeys });
}
