/** What can be said about a form before the server is asked. Keys of the `auth.problem` messages, so that they come in the reader's language. */

export type ProblemKey =
  | 'nameMissing'
  | 'nameLong'
  | 'nameForm'
  | 'nameTaken'
  | 'emailForm'
  | 'emailTaken'
  | 'passwordMissing'
  | 'passwordShort'
  | 'passwordLong'
  | 'loginMissing'
  | 'serverNameLong';

const NAME_CHARS = 32;
const PASSWORD_CHARS = 128;
const SERVER_NAME_CHARS = 100;

export function nameProblem(text: string): ProblemKey | undefined {
  const name = text.trim();
  if (name === '') return 'nameMissing';
  if ([...name].length > NAME_CHARS) return 'nameLong';
  return /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_.-]*[\p{L}\p{N}\p{M}_])?$/u.test(name) ? undefined : 'nameForm';
}

export function emailProblem(text: string): ProblemKey | undefined {
  return /^[^\s@<>(),;:"\\]+@[^\s@.<>(),;:"\\][^\s@<>(),;:"\\]*$/.test(text.trim()) && !text.trim().endsWith('.')
    ? undefined
    : 'emailForm';
}

export function passwordProblem(text: string, least: number): ProblemKey | undefined {
  if ([...text].length < least) return 'passwordShort';
  return [...text].length > PASSWORD_CHARS ? 'passwordLong' : undefined;
}

export function serverNameProblem(text: string): ProblemKey | undefined {
  return [...text.trim()].length > SERVER_NAME_CHARS ? 'serverNameLong' : undefined;
}
