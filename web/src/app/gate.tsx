/** Everything before one is in: set-up, registration, login. */
import { useLocation } from 'wouter';
import { AuthScreens } from '../features/auth';
import { http } from '../net';
import { account } from '../net/account';
import { enterLobby } from '../net/lobby';
import { useLook } from '../state';
import { useTitle } from './badge';
import { enter } from './enter';
import { useServerFacts } from './server-facts';

export default function Gate() {
  const { server, unreachable, retry } = useServerFacts();
  const { locale } = useLook();
  const [path, navigate] = useLocation();
  useTitle();

  const goOn = () => {
    if (/^\/(login|register|setup|guest)\b/.test(path)) navigate('/', { replace: true });
  };
  return (
    <AuthScreens
      server={server}
      unreachable={unreachable}
      onRetry={retry}
      locale={locale}
      onLocale={(next) => useLook.setState({ locale: next })}
      setupToken={location.hash.slice(1) || undefined}
      onGuest={enterLobby}
      onLogin={async (values) => {
        await enter((await http.logIn(values)).user);
        goOn();
      }}
      onRegister={async (values) => {
        await enter((await account.register(values)).user);
        goOn();
      }}
      onSetup={async (values) => {
        await enter((await account.setUp(values)).user);
        goOn();
      }}
    />
  );
}
