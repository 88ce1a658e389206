/** What a page that stands is furnished with at rest: none of it is drawn, and one can do without. */
import { acquaint } from '../net/acquaint';
import { installTooltip } from '../ui/tooltip';
import { followFiles } from './follow-files';

export function furnish(): void {
  installTooltip();
  acquaint();
  followFiles();
}
