/** What draws the files of a message; it comes with the first of them, and `app/` hands it in. */
import { type ComponentType, createContext } from 'react';
import type { Message } from '../../gen/wire';
import type { Send } from '../../state';

export interface FilesProps {
  message: Message;
  /** While it is on its way. */
  sending?: Send | undefined;
}

export const FilesContext = createContext<ComponentType<FilesProps> | null>(null);
