import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '../api/client';
import type { Ref } from '../api/messages';
import { Banner, ErrorText } from '../design';
import { MenuButton } from '../design/MenuButton';

/** Opens the chart in an application of others, with the visit that is open; nothing where none is registered. */
export function OpenIn({ patientId, visitId }: { patientId: string; visitId?: string }): ReactElement | null {
  const { t } = useTranslation('applications');
  const applications = useQuery({
    queryKey: ['applications'],
    queryFn: async () => (await get<{ applications: Ref[] }>('/applications')).applications,
  });
  const open = useMutation({
    mutationFn: async ({ application, tab }: { application: Ref; tab: Window | null }) => {
      try {
        const { url } = await post<{ url: string }>('/launches', {
          application_id: application.id,
          patient_id: patientId,
          ...(visitId && { visit_id: visitId }),
        });
        if (tab) tab.location.replace(url);
        else location.assign(url);
      } catch (error) {
        tab?.close();
        throw error;
      }
    },
  });
  if (!applications.data?.length) return null;
  const start = (application: Ref): void => {
    // Opened by the press itself, for a browser lets no tab open later; it must not reach back into this one.
    const tab = window.open('about:blank', '_blank');
    if (tab) tab.opener = null;
    open.mutate({ application, tab });
  };
  return (
    <div className="open-in">
      <MenuButton
        label={t('openIn')}
        icon="external"
        actions={applications.data.map((application) => ({
          id: application.id,
          label: application.name,
          run: () => start(application),
        }))}
      />
      {open.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={open.error} />
        </Banner>
      )}
    </div>
  );
}
