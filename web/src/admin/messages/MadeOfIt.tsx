import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, Card } from '../../design';
import { FaultText } from './MessageState';
import { type MessageAnswer, writtenDown } from './messages';

/** What a message is mapped to, what of it was written, and what was left out. */
export function MadeOfIt({ message }: { message: MessageAnswer }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const { wrote, left, unmapped, resources } = message;
  return (
    <Card title={t('message.mapped')} level={3}>
      {wrote && (
        <div>
          <h4>{t('message.wrote')}</h4>
          {wrote.length === 0 && <p className="soft">{t('message.wroteNone')}</p>}
          <ul className="message-list">
            {wrote.map((name) => (
              <li key={name}>
                <code className="small long-id">{name}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      {left && (
        <div>
          <h4>{t('message.left')}</h4>
          {left.length === 0 && <p className="soft">{t('message.leftNone')}</p>}
          <ul className="message-list">
            {left.map((fault, at) => (
              <li key={at}>
                <FaultText fault={fault} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {unmapped !== null && (
        <Banner tone="warn" title={t('message.unmapped')}>
          {unmapped}
        </Banner>
      )}
      {resources.length > 0 && <Resources resources={resources} />}
    </Card>
  );
}

function Resources({ resources }: Pick<MessageAnswer, 'resources'>): ReactElement {
  const { t } = useTranslation('hl7v2');
  const names = resources.map(({ name }) => name);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(names.slice(0, 1)));
  const isAllOpen = names.every((name) => open.has(name));
  const fold = (name: string, isOpen: boolean): void => {
    if (isOpen === open.has(name)) return;
    setOpen(new Set(isOpen ? [...open, name] : [...open].filter((one) => one !== name)));
  };
  return (
    <div className="stack">
      <div className="card-head">
        <h4>{t('message.resources')}</h4>
        <Button kind="quiet" icon={isAllOpen ? 'minus' : 'plus'} onPress={() => setOpen(new Set(isAllOpen ? [] : names))}>
          {t(isAllOpen ? 'message.hideAll' : 'message.showAll')}
        </Button>
      </div>
      <p className="soft small">{t('message.mappedExplain')}</p>
      {resources.map(({ name, resource }) => (
        <details className="resource" key={name} open={open.has(name)} onToggle={(event) => fold(name, event.currentTarget.open)}>
          <summary>
            {String(resource.resourceType)} <code className="small soft">{name}</code>
          </summary>
          <pre>
            <code>{writtenDown(resource)}</code>
          </pre>
        </details>
      ))}
    </div>
  );
}
