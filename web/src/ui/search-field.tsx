import { Search } from 'lucide-react';
import type { Ref } from 'react';
import './search-field.css';

export interface SearchFieldProps {
  /** What is searched: read out, and shown while nothing is written. */
  label: string;
  words: string;
  onWords(words: string): void;
  ref?: Ref<HTMLInputElement>;
}

/** One line that narrows down what stands below it. */
export function SearchField({ label, words, onWords, ref }: SearchFieldProps) {
  return (
    <label className="ui-search">
      <Search size={16} aria-hidden="true" />
      <span className="ui-hidden">{label}</span>
      <input
        ref={ref}
        type="search"
        value={words}
        placeholder={label}
        onChange={(event) => onWords(event.target.value)}
      />
    </label>
  );
}
