/** Set-up, registration, login and logging in again. Talks to nobody: the calls come in as props. */

export type { AccountValues } from './account-fields';
export { PasswordForm } from './change-password';
export type { LoginValues } from './login';
export { type Problem, type Problems, problemsOf } from './problems';
export { AuthScreens, type AuthScreensProps } from './screens';
export { SessionEndedDialog, type SessionEndedProps } from './session-ended';
export type { SetupValues } from './setup';
