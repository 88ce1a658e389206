/** Hands files to the composer and to the rows: what they do with them comes when it is wanted. */
import type { FilesPartProps } from '../features/composer';
import type { FilesProps } from '../features/timeline';
import { lazyPart } from '../ui';
import { lazyWithWords } from './words';

export const Files = lazyPart<FilesPartProps>(() => import('./files-part'), { place: 'nowhere' });
export const Attachments = lazyWithWords<FilesProps>(() => import('./attachments'));
