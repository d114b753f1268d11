import { expect, test } from 'vitest';
import { browserKind, inProgram } from './browserKind';

const AGENTS = {
  iphone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  chromeOnIphone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1',
  android: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  edge: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0',
  weChat: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x1800312c) NetType/WIFI Language/zh_CN',
  weCom: 'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 wxwork/4.1.27 MicroMessenger/7.0.1',
  qq: 'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0 MQQBrowser/6.2 Mobile Safari/537.36 V1_AND_SQ_9.0.0 QQ/9.0.0.14110',
};

test('browsers are told apart by where they ask for leave', () => {
  expect(browserKind(AGENTS.iphone)).toBe('ios');
  expect(browserKind(AGENTS.chromeOnIphone)).toBe('ios');
  expect(browserKind(AGENTS.android)).toBe('android');
  expect(browserKind(AGENTS.mac)).toBe('safari');
  expect(browserKind(AGENTS.firefox)).toBe('firefox');
  expect(browserKind(AGENTS.edge)).toBe('chromium');
  expect(browserKind('Lynx/2.9')).toBe('other');
});

test('a browser inside another program is known by that program', () => {
  expect(inProgram(AGENTS.weChat)).toBe('WeChat');
  expect(inProgram(AGENTS.weCom)).toBe('WeCom');
  expect(inProgram(AGENTS.qq)).toBe('QQ');
  for (const own of [AGENTS.iphone, AGENTS.android, AGENTS.mac, AGENTS.firefox, AGENTS.edge]) expect(inProgram(own)).toBeNull();
});
