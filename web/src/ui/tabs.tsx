import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';
import { forward } from '../lib/forward';
import { keyAction } from '../lib/keys';
import './tabs.css';

export interface TabsProps<T extends string> {
  label: string;
  value: T;
  tabs: readonly { value: T; label: string; count?: number }[];
  onChange: (value: T) => void;
  /** What the chosen tab shows. */
  children: ReactNode;
}

/** Views of one thing. One Tab stop; arrows, Home and End move and choose. */
export function Tabs<T extends string>({ label, value, tabs, onChange, children }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const action = keyAction('tabs', event.nativeEvent);
    if (!action) return;
    const at = tabs.findIndex((tab) => tab.value === value);
    const last = tabs.length - 1;
    const step = forward(event.currentTarget);
    const beside = (places: number) => (at + places + tabs.length) % tabs.length;
    const next = {
      nextTab: beside(step),
      previousTab: beside(-step),
      firstTab: 0,
      lastTab: last,
    }[action];
    const tab = tabs[next];
    if (tab === undefined) return;
    event.preventDefault();
    onChange(tab.value);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };

  return (
    <div className="ui-tabs">
      <div ref={list} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            aria-selected={tab.value === value}
            aria-controls={tab.value === value ? `${id}-panel` : undefined}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
            {tab.count !== undefined && <span>{tab.count}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </div>
  );
}
