import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { get } from '../../api/client';
import { Banner } from '../../design';
import type { HealthSummary } from './health';

/** Says on every page of administration that a part of the server is bad. When it is not known it says nothing. */
export function HealthBanner(): ReactElement | null {
  const { t } = useTranslation('admin');
  const summary = useQuery({
    queryKey: ['admin', 'health', 'summary'],
    queryFn: () => get<HealthSummary>('/admin/health/summary'),
    refetchInterval: 60_000,
    retry: false,
  });
  if (!summary.data?.bad.length) return null;
  const parts = summary.data.bad.map((part) => t(`health.part.${part}`)).join(t('health.and'));
  return (
    <Banner tone="danger" live="status" title={t('health.bannerTitle')} actions={<Link to="/admin/health">{t('health.bannerLink')}</Link>}>
      {parts}
    </Banner>
  );
}
