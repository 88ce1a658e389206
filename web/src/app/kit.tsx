/** The hidden page of components, `/_kit`. */
import { KitPage } from '../features/kit';
import { useLook } from '../state';

export default function Kit() {
  return <KitPage look={useLook()} onLook={(change) => useLook.setState(change)} />;
}
