import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { IntlProvider } from 'use-intl';
import { afterEach, expect, test, vi } from 'vitest';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import messages from '../../locales/en';
import { ApiError, type ServerFacts } from '../../net/http';
import { AuthScreens, type AuthScreensProps } from './screens';

const SERVER: ServerFacts = {
  name: 'Lantern',
  setup_needed: false,
  registration: 'open',
  guests: false,
  password_policy: 'strong',
  password_min: 8,
  people: 128,
  online: 3,
  logged_in: false,
};

function show(path: string, props: Partial<AuthScreensProps> = {}) {
  const { hook } = memoryLocation({ path });
  const done = () => Promise.resolve();
  return render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <Router hook={hook}>
        <AuthScreens
          server={SERVER}
          locale="en"
          onLocale={() => undefined}
          setupToken={undefined}
          onLogin={done}
          onRegister={done}
          onSetup={done}
          onGuest={() => ({ say: () => {}, close: () => {} })}
          {...props}
        />
      </Router>
    </IntlProvider>,
  );
}

afterEach(() => {
  document.body.innerHTML = '';
});

test('the server is not asked while something is missing, and the first such field gets the focus', async () => {
  const onLogin = vi.fn(() => Promise.resolve());
  show('/login', { onLogin });
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  expect(onLogin).not.toHaveBeenCalled();
  expect(screen.getByText('Enter your name or e-mail address.')).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByLabelText('Name or e-mail address'));
});

test('what was typed goes out, trimmed', async () => {
  const onLogin = vi.fn(() => Promise.resolve());
  show('/login', { onLogin });
  await userEvent.type(screen.getByLabelText('Name or e-mail address'), ' maya ');
  await userEvent.type(screen.getByLabelText('Password'), ' kept as it is {Enter}');
  expect(onLogin).toHaveBeenCalledExactlyOnceWith({ username: 'maya', password: ' kept as it is ' });
});

test('a refusal stands at its field until that field changes', async () => {
  const onRegister = () => Promise.reject(new ApiError(409, 'username_taken', 'x'));
  show('/register', { onRegister });
  const name = screen.getByLabelText('Name');
  await userEvent.type(name, 'maya');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'maya@example.com');
  await userEvent.type(screen.getByLabelText('Password'), 'tide lamp orbit cello{Enter}');
  expect(await screen.findByText('This name, or one that looks like it, is taken. Choose another one.')).toBeTruthy();
  expect(name.getAttribute('aria-invalid')).toBe('true');
  await userEvent.type(name, '2');
  expect(screen.queryByText('This name, or one that looks like it, is taken. Choose another one.')).toBeNull();
});

test('a drawn picture goes with the new account where one was picked, and can be left out again', async () => {
  const onRegister = vi.fn(() => Promise.resolve());
  show('/register', { onRegister });
  const account = { username: 'maya', email: 'maya@example.com', password: 'tide lamp orbit cello' };
  await userEvent.type(screen.getByLabelText('Name'), account.username);
  await userEvent.type(screen.getByLabelText('E-mail address'), account.email);
  await userEvent.type(screen.getByLabelText('Password'), account.password);
  const submit = screen.getByRole('button', { name: 'Create account' });
  expect(screen.getAllByRole<HTMLInputElement>('radio').filter((one) => one.checked)).toEqual([]);
  await userEvent.click(submit);
  expect(onRegister).toHaveBeenLastCalledWith(account);
  await userEvent.click(screen.getByRole('radio', { name: 'Otter' }));
  await userEvent.click(submit);
  expect(onRegister).toHaveBeenLastCalledWith({ ...account, avatar: 'otter' });
  await userEvent.click(screen.getByRole('button', { name: 'No picture' }));
  await userEvent.click(submit);
  expect(onRegister).toHaveBeenLastCalledWith(account);
});

test('a fresh server shows where the set-up link is, and that an account can be made at once', () => {
  show('/', { server: { ...SERVER, setup_needed: true, people: 0 } });
  expect(screen.getByText('/setup#')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Create an account' }).getAttribute('href')).toBe('/register');
});

test('the set-up link leads to the form, with its token', async () => {
  const onSetup = vi.fn(() => Promise.resolve());
  show('/setup', { server: { ...SERVER, setup_needed: true, people: 0 }, setupToken: 'once', onSetup });
  await userEvent.type(screen.getByLabelText('Your name'), 'maya');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'maya@example.com');
  await userEvent.type(screen.getByLabelText('Password'), 'tide lamp orbit cello{Enter}');
  expect(onSetup).toHaveBeenCalledWith(expect.objectContaining({ token: 'once', username: 'maya' }));
});

test('a deep link shows the login without leaving its address', () => {
  show('/r/7');
  expect(screen.getByRole('heading', { name: 'Log in' })).toBeTruthy();
});

test('closed registration says whom to ask', () => {
  show('/register', { server: { ...SERVER, registration: 'closed' } });
  expect(screen.getByText(/Ask its administrator/)).toBeTruthy();
  expect(screen.queryByLabelText('Password')).toBeNull();
});
