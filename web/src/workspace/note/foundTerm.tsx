import type { Term } from '../../api/messages';
import type { Found } from '../../design/FindList';
import { nameIn } from '../../i18n';

/** A coded term as it stands in a list to pick from: its code, then its name in the reader's language. */
export function foundTerm({ code, display }: Term): Found {
  const name = nameIn(display);
  return {
    id: code,
    text: `${code} ${name}`,
    content: (
      <>
        <span className="numbers soft term-code">{code}</span>
        <span>{name}</span>
      </>
    ),
  };
}
