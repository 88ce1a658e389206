/** Keeps a fault in one pane from taking the others with it. */
import { Component, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button, ErrorState } from '../ui';

interface Props {
  /** Another value starts the pane anew. */
  resetKey?: string | number | undefined;
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
    return <Failed onReload={() => this.setState({ failed: false })} />;
  }
}

function Failed({ onReload }: { onReload(): void }) {
  const t = useTranslations('app');
  return (
    <div className="alone">
      <ErrorState title={t('paneFailed')}>{t('paneFailedHint')}</ErrorState>
      <div className="alone-actions">
        <Button variant="primary" onClick={onReload}>
          {t('reloadPane')}
        </Button>
        <Button onClick={() => location.reload()}>{t('reloadPage')}</Button>
      </div>
    </div>
  );
}
