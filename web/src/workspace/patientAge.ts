export type Age = { unit: 'years' | 'months' | 'days'; count: number };

/** Age on a day in the unit a clinician uses: days below two months, months below three years, years above. */
export function ageOn(birthDate: string, today: Date): Age | null {
  const [year, month, day] = birthDate.split('-').map(Number);
  if (!year) return null;
  const born = new Date(year, (month || 1) - 1, day || 1);
  const days = Math.floor((startOfDay(today) - born.getTime()) / 86_400_000);
  if (Number.isNaN(days) || days < 0) return null;
  const months =
    (today.getFullYear() - born.getFullYear()) * 12 +
    today.getMonth() -
    born.getMonth() -
    (today.getDate() < born.getDate() ? 1 : 0);
  if (months < 2) return { unit: 'days', count: days };
  if (months < 36) return { unit: 'months', count: months };
  return { unit: 'years', count: Math.floor(months / 12) };
}

function startOfDay(date: Date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
