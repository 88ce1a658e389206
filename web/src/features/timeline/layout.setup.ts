/** For tests of a timeline without a browser: a layout where there is none. Every row is 64 px high, the list 640. */
import { cleanup } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';

class Sizes implements ResizeObserver {
  readonly #tell: ResizeObserverCallback;
  constructor(tell: ResizeObserverCallback) {
    this.#tell = tell;
  }
  observe(target: Element): void {
    const contentRect = new DOMRect(0, 0, 640, target.classList.contains('tl-list') ? 640 : 64);
    const told = [{ target, contentRect, borderBoxSize: [], contentBoxSize: [], devicePixelContentBoxSize: [] }];
    queueMicrotask(() => target.isConnected && this.#tell(told, this));
  }
  unobserve(): void {}
  disconnect(): void {}
}

/** Before what the test itself prepares. */
export function layOut(): void {
  beforeEach(() => {
    vi.stubGlobal('ResizeObserver', Sizes);
    Object.defineProperty(HTMLElement.prototype, 'offsetParent', { configurable: true, get: () => document.body });
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
    Reflect.deleteProperty(HTMLElement.prototype, 'offsetParent');
  });
}
