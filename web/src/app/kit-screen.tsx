/** The kit's page, with the look it may change. Needs no session: it shows nobody's data. */
import { KitPage } from '../features/kit';
import { useLook } from '../state';

export default function KitScreen() {
  const look = useLook();
  return <KitPage look={look} onLook={(change) => useLook.setState(change)} />;
}
