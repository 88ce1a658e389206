import { ExternalLink } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { BrandMark } from '../../ui';
import { Part } from './parts';

/** What this is, where its documents are, under which licence it may be used. */
export function AboutPage({ serverName, people }: { serverName: string; people: number | undefined }) {
  const t = useTranslations('settings.about');
  return (
    <>
      <div className="set-about">
        <BrandMark size={56} />
        <div>
          <p className="set-about-name">Chinwag</p>
          <p className="set-lead">{t('lead')}</p>
        </div>
      </div>
      <Part title={t('server')}>
        <dl className="set-facts">
          <div>
            <dt>{t('name')}</dt>
            <dd>{serverName}</dd>
          </div>
          {people !== undefined && (
            <div>
              <dt>{t('people')}</dt>
              <dd>{people}</dd>
            </div>
          )}
        </dl>
      </Part>
      <Part title={t('build')} lead={t('buildLead')}>
        <p>
          <a className="set-link" href="/api/docs" target="_blank" rel="noopener">
            {t('docs')}
            <ExternalLink aria-hidden="true" />
          </a>
        </p>
      </Part>
      <Part title={t('licence')} lead={t('licenceLead')}>
        <p>
          <a
            className="set-link"
            href="https://www.apache.org/licenses/LICENSE-2.0"
            target="_blank"
            rel="noopener noreferrer"
          >
            Apache License 2.0
            <ExternalLink aria-hidden="true" />
          </a>
        </p>
      </Part>
    </>
  );
}
