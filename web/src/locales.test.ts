import { describe, expect, test } from 'vitest';

const files = import.meta.glob<Record<string, unknown>>('./locales/*/*.json', { eager: true, import: 'default' });

/** All keys of a file; plural forms count once, since languages have different ones. */
function keysOf(words: unknown, path = ''): string[] {
  if (typeof words !== 'object' || words === null || Array.isArray(words)) return [path.replace(/_(zero|one|two|few|many|other)$/, '')];
  return Object.entries(words).flatMap(([key, value]) => keysOf(value, path ? `${path}.${key}` : key));
}

/** The placeholders of every text, by key. */
function placeholders(words: unknown): string[] {
  return [...JSON.stringify(words).matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '');
}

describe.each(Object.keys(files).filter((path) => path.includes('/en/')))('%s', (path) => {
  const english = files[path];
  const chinese = files[path.replace('/en/', '/zh-CN/')];
  test('has the same keys in Chinese', () => {
    expect([...new Set(keysOf(chinese))].sort()).toEqual([...new Set(keysOf(english))].sort());
  });
  test('uses the same placeholders in Chinese', () => {
    expect([...new Set(placeholders(chinese))].sort()).toEqual([...new Set(placeholders(english))].sort());
  });
});
