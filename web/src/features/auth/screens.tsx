import { Route, Switch } from 'wouter';
import { type EnterLobby, GuestScreen } from './guest';
import { LoginScreen, type LoginValues } from './login';
import { RegisterScreen, type RegisterValues } from './register';
import { SetupScreen, type SetupValues } from './setup';
import type { DeskProps } from './sheet';

export interface AuthScreensProps extends DeskProps {
  /** The fragment of `/setup#token`. */
  setupToken: string | undefined;
  onLogin: (values: LoginValues) => Promise<void>;
  onRegister: (values: RegisterValues) => Promise<void>;
  onSetup: (values: SetupValues) => Promise<void>;
  onGuest: EnterLobby;
}

/**
 * All a person can see before they are logged in. Any other address keeps standing in the bar, under the screen that fits
 * the server's state, so that it opens once the person is in.
 */
export function AuthScreens({ setupToken, onLogin, onRegister, onSetup, onGuest, ...desk }: AuthScreensProps) {
  const fresh = desk.server?.setup_needed && desk.server.people === 0;
  return (
    <Switch>
      <Route path="/login">
        <LoginScreen {...desk} onLogin={onLogin} />
      </Route>
      <Route path="/register">
        <RegisterScreen {...desk} onRegister={onRegister} />
      </Route>
      {desk.server?.guests && (
        <Route path="/guest">
          <GuestScreen {...desk} onGuest={onGuest} />
        </Route>
      )}
      <Route path="/setup">
        <SetupScreen {...desk} token={setupToken} onSetup={onSetup} />
      </Route>
      <Route>
        {fresh ? (
          <SetupScreen {...desk} token={setupToken} onSetup={onSetup} />
        ) : (
          <LoginScreen {...desk} onLogin={onLogin} />
        )}
      </Route>
    </Switch>
  );
}
