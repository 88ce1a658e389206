import './brand.css';

/** The mark: two people talking, each a bubble; where their words meet it is dark as ink. */
export function BrandMark({ size = 24, className }: { size?: number; className?: string }) {
  return (
    <svg
      className={className ? `ui-brand ${className}` : 'ui-brand'}
      width={size}
      height={size}
      viewBox="0 0 32 32"
      aria-hidden="true"
    >
      <path
        className="is-theirs"
        d="M17 3h5a8 8 0 0 1 8 8v2.5a8 8 0 0 1-1.6 4.8l1.3 4.1a.8.8 0 0 1-1 1l-4.4-1.6a8 8 0 0 1-2.3.3h-5a8 8 0 0 1-8-8V11a8 8 0 0 1 8-8z"
      />
      <path
        className="is-mine"
        d="M10 10h5a8 8 0 0 1 8 8v2.5a8 8 0 0 1-8 8h-5a8 8 0 0 1-2.3-.3l-4.4 1.6a.8.8 0 0 1-1-1l1.3-4.1A8 8 0 0 1 2 20.5V18a8 8 0 0 1 8-8z"
      />
    </svg>
  );
}
