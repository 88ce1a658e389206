/** What the server says about itself to anybody: its name, whether it takes registrations, how many are here. */
import { useCallback, useEffect } from 'react';
import { create } from 'zustand';
import { http, type ServerFacts } from '../net';

interface Facts {
  readonly server: ServerFacts | undefined;
  readonly unreachable: boolean;
}

const useFacts = create<Facts>(() => ({ server: undefined, unreachable: false }));

async function ask(): Promise<void> {
  try {
    useFacts.setState({ server: await http.server(), unreachable: false });
  } catch {
    useFacts.setState({ unreachable: true });
  }
}

export function useServerFacts(): Facts & { retry(): void } {
  const facts = useFacts();
  const retry = useCallback(() => void ask(), []);
  useEffect(() => {
    void ask();
  }, []);
  return { ...facts, retry };
}
