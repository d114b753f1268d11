import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Card } from '../../design';
import { formatNumber } from '../../format';
import { AT_ONCE, type Segment } from './messages';

/** A message as it goes over the line: each segment with its fields by number. */
export function Segments({ title, segments }: { title: string; segments: readonly Segment[] }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Card title={title} level={3}>
      <p className="soft small">{t('message.rawExplain')}</p>
      {segments.map((segment, at) => (
        // Segments have no name of their own, and never change.
        <Fields key={at} segment={segment} />
      ))}
    </Card>
  );
}

function Fields({ segment: { name, fields } }: { segment: Segment }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const filled = fields.flatMap((value, at) => (value === '' ? [] : [{ number: at + 1, value }]));
  return (
    <section className="segment">
      <h4>{name}</h4>
      {filled.length === 0 && <p className="soft small">{t('message.noFields')}</p>}
      {filled.length > 0 && (
        <dl className="segment-fields">
          {filled.map(({ number, value }) => (
            <div key={number}>
              <dt>{`${name}-${number}`}</dt>
              <dd>
                <Value text={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Value({ text }: { text: string }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [whole, setWhole] = useState(false);
  const rest = text.length - AT_ONCE;
  if (whole || rest <= 0) return <code>{text}</code>;
  return (
    <>
      <code>{text.slice(0, AT_ONCE)}…</code>
      <Button kind="quiet" icon="expand" onPress={() => setWhole(true)}>
        {t('message.whole')} ({t('message.rest', { count: rest, shown: formatNumber(rest) })})
      </Button>
    </>
  );
}
