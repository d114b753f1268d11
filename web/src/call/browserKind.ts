/** Which browser this is, for words that tell somebody what to press. Nothing is decided by it but words. */
export type BrowserKind = 'ios' | 'android' | 'safari' | 'firefox' | 'chromium' | 'other';

export function browserKind(agent: string = navigator.userAgent): BrowserKind {
  // Every browser on an iPhone or iPad is Safari's engine, and asks as it does.
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios';
  if (/Firefox\//.test(agent)) return 'firefox';
  if (/Android/.test(agent)) return 'android';
  if (/Chrome\/|Chromium\/|Edg\//.test(agent)) return 'chromium';
  if (/Safari\//.test(agent)) return 'safari';
  return 'other';
}

/** Programs that show pages in a browser of their own, by what they call themselves. */
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/wxwork\//i, 'WeCom'],
  [/MicroMessenger\//i, 'WeChat'],
  [/DingTalk\//i, 'DingTalk'],
  [/AlipayClient\//i, 'Alipay'],
  [/\bQQ\//, 'QQ'],
  [/Weibo/i, 'Weibo'],
  [/FBAN|FBAV/, 'Facebook'],
  [/Instagram/, 'Instagram'],
  [/\bLine\//, 'LINE'],
];

/** The program whose built-in browser shows this page; `null` in a browser of its own. */
export function inProgram(agent: string = navigator.userAgent): string | null {
  return PROGRAMS.find(([sign]) => sign.test(agent))?.[1] ?? null;
}
