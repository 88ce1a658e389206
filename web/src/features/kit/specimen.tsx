import type { ReactNode } from 'react';

/** One component, under its name. */
export function Specimen({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className="kit-specimen" aria-label={name}>
      <h3>{name}</h3>
      {children}
    </section>
  );
}
