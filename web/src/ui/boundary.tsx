/** Keeps a fault in one part of the page from taking the others with it. */
import { Component, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Stopped } from './stopped';

interface Props {
  /** Another value starts the part anew. */
  resetKey?: string | number | boolean | undefined;
  /** Where its notice stands: in its own place, or in front of the page for what has no place of its own. */
  place?: 'pane' | 'notice';
  onDismiss?: (() => void) | undefined;
  children: ReactNode;
}

export class Boundary extends Component<Props, { failed: boolean; key: Props['resetKey'] }> {
  override state: { failed: boolean; key: Props['resetKey'] } = { failed: false, key: this.props.resetKey };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  static getDerivedStateFromProps(props: Props, state: { key: Props['resetKey'] }) {
    return props.resetKey === state.key ? null : { failed: false, key: props.resetKey };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    const { place = 'pane', onDismiss } = this.props;
    return <Failed place={place} onDismiss={onDismiss} onRetry={() => this.setState({ failed: false })} />;
  }
}

function Failed(props: Pick<Parameters<typeof Stopped>[0], 'place' | 'onDismiss' | 'onRetry'>) {
  const t = useTranslations('ui.part');
  return <Stopped {...props} title={t('failed')} hint={t('failedHint')} />;
}
