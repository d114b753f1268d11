import type { ReactElement } from 'react';

/** One line drawing on a 24 x 24 grid, stroke 2, per name. */
const DRAWINGS = {
  alert: 'M12 3.5 21.5 20h-19L12 3.5ZM12 10v4.5M12 17.2v.1',
  'arrow-left': 'M20 12H4.5M11 5.5 4.5 12l6.5 6.5',
  'arrow-right': 'M4 12h15.5M13 5.5l6.5 6.5-6.5 6.5',
  bell: 'M6 17v-6a6 6 0 0 1 12 0v6l2 2H4l2-2ZM10 21.5h4',
  building: 'M4 21V5l8-2.5V21M12 9h8v12M2.5 21h19M8 8v.1M8 12v.1M8 16v.1M16 13v.1M16 17v.1',
  calendar: 'M4 6h16v15H4V6ZM4 10.5h16M8 3v5M16 3v5',
  camera: 'M3 7h12v10H3V7ZM15 11l6-3.5v9L15 13',
  'camera-off': 'M3 3l18 18M7 7H3v10h12v-2M11 7h4v4l6-3.5v9',
  chart: 'M4 4v16h16M8 15l3.5-4 3 2.5L20 7',
  chat: 'M4 5h16v11H11l-5 4v-4H4V5ZM8 9.5h8M8 12.5h5',
  check: 'M4.5 12.5 10 18 20 6.5',
  'check-circle': 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8 12.3l2.8 2.8L16 9.3',
  'chevron-down': 'M6 9.5l6 6 6-6',
  'chevron-right': 'M9.5 6l6 6-6 6',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.2l3.4 2',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M8 8h12v12H8V8ZM16 8V4H4v12h4',
  document: 'M6 3h8l4 4v14H6V3ZM14 3v4h4M9 12h6M9 16h6',
  expand: 'M4 10V4h6M14 4h6v6M20 14v6h-6M10 20H4v-6',
  download: 'M12 4v11M7 10.5l5 5 5-5M4 20h16',
  edit: 'M4 20l1-4L16.5 4.5l3 3L8 19l-4 1ZM14 7l3 3',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  filter: 'M4 5h16l-6 8v6l-4-2v-4L4 5Z',
  flag: 'M5 21V4M5 4.5h12l-2.5 4L17 12.5H5',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9S9 6 12 3Z',
  heart: 'M12 20S3.5 15 3.5 9.2A4.6 4.6 0 0 1 12 6.8a4.6 4.6 0 0 1 8.5 2.4C20.5 15 12 20 12 20Z',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.500a2.5 2.5 0 1 1 3.6 2.200c-.7.4-1.1.9-1.1 1.800M12 16.800v.1',
  home: 'M4 11l8-7 8 7v9h-5.500v-6h-5v6H4v-9Z',
  hospital: 'M4 21V6h16v15M2.5 21h19M12 9v6M9 12h6M10 21v-3h4v3',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.500M12 7.700v.1',
  key: 'M14.5 13.500a5 5 0 1 0-4-4L3 17v4h4v-3h3v-2.500l1.5-1.500M16 8v.1',
  keyboard: 'M2.5 6h19v12h-19V6ZM6.5 10v.1M10 10v.1M14 10v.1M17.5 10v.1M8 14h8',
  leave: 'M3 15.500c0-1.8.4-3 2-4a14 14 0 0 1 14 0c1.6 1 2 2.2 2 4H16v-3.200a12 12 0 0 0-8 0v3.200H3Z',
  link: 'M10 14l4-4M8.5 11 6 13.500a3.2 3.2 0 0 0 4.500 4.500L13 15.500M11 8.500 13.500 6a3.2 3.2 0 0 1 4.500 4.500L15.500 13',
  lock: 'M5 11h14v10H5V11ZM8 11V8a4 4 0 0 1 8 0v3M12 15v2.5',
  microphone: 'M12 15a3.5 3.5 0 0 0 3.5-3.500v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15ZM5 11.500a7 7 0 0 0 14 0M12 18.500V22',
  'microphone-off':
    'M3 3l18 18M15.5 10V6.500a3.5 3.5 0 0 0-6.7-1.400M8.5 9v2.500a3.5 3.5 0 0 0 5 3.200M5 11.500a7 7 0 0 0 11 5.700M19 11.500c0 .8-.1 1.5-.4 2.200M12 18.500V22',
  minus: 'M5 12h14',
  mobile: 'M7 2.5h10v19H7v-19ZM11 18.500h2',
  'small-window': 'M3 5h18v14H3V5ZM12 12h7v5h-7v-5Z',
  monitor: 'M3 4h18v12H3V4ZM8.5 20.500h7M12 16v4.5',
  moon: 'M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500Z',
  more: 'M5 12v.1M12 12v.1M19 12v.1',
  note: 'M5 3h14v18H5V3ZM8.5 8h7M8.5 12h7M8.5 16h4',
  panel: 'M3.500 4.500h17v15h-17v-15ZM9 4.500v15',
  pause: 'M8 5v14M16 5v14',
  phone: 'M6 3h3.500l1.5 5-2.5 1.500a12 12 0 0 0 6 6L16 13l5 1.500V18a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3Z',
  photo: 'M4 7h3.500L9 4.500h6L16.5 7H20v12H4V7ZM12 16.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
  pill: 'M9 20.500a4.6 4.6 0 0 1-6-6.500L13.5 4.500a4.6 4.6 0 0 1 6.5 6.500L9 20.500ZM8 9.500l6.5 6.5',
  play: 'M7 4.500v15l12-7.5-12-7.500Z',
  plus: 'M12 5v14M5 12h14',
  pulse: 'M3 12h4l2.500-7 5 14 2.500-7h4',
  printer: 'M7 8V3h10v5M4 8h16v9h-3v4H7v-4H4V8ZM7 14h10',
  record: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  refresh: 'M20 11a8 8 0 0 0-14.5-3.500L4 9.500M4 4.500v5h5M4 13a8 8 0 0 0 14.5 3.500l1.5-2M20 19.500v-5h-5',
  search: 'M10.5 17.500a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM15.5 15.5 21 21',
  send: 'M4 4l17 8-17 8 3-8-3-8ZM7 12h7',
  settings: 'M4 7h9M19 7h1M16 9.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM20 17h-9M5 17H4M8 19.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  shield: 'M12 3l8 3v6c0 5-3.5 8-8 9.500C7.5 20 4 17 4 12V6l8-3ZM8.5 12l2.5 2.5 4.5-5',
  'sign-out': 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  signal: 'M4 19v-3M9.3 19v-6.500M14.7 19V9M20 19V5',
  share: 'M12 15V4M8 7.500 12 3.500l4 4M6 11v9h12v-9',
  shrink: 'M10 4v6H4M20 10h-6V4M14 20v-6h6M4 14h6v6',
  speaker: 'M4 9.500h3.500L13 5v14l-5.5-4.500H4v-5ZM16.5 9a4.5 4.5 0 0 1 0 6M19 6.500a8 8 0 0 1 0 11',
  star: 'M12 3.500l2.6 5.5 6 .8-4.4 4.2 1.1 6-5.3-2.900L6.7 20l1.1-6L3.4 9.800l6-.8L12 3.500Z',
  stethoscope: 'M5 3v5.500a4.5 4.5 0 0 0 9 0V3M3.5 3H6M13 3h2.500M9.5 13v2.500a5 5 0 0 0 10 0V13M19.5 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  sun: 'M12 16.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12 2v2.500M12 19.500V22M2 12h2.500M19.5 12H22M5 5l1.7 1.700M17.3 17.3 19 19M19 5l-1.7 1.700M6.7 17.3 5 19',
  swap: 'M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4',
  trash: 'M4 6.500h16M9 6.500V4h6v2.500M6 6.5 7 21h10l1-14.500M10 11v6M14 11v6',
  upload: 'M12 16V5M7 9.500l5-5 5 5M4 20h16',
  user: 'M12 11.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 20.500c.8-4 4-6 8-6s7.2 2 8 6',
  users: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.6-3.7 3.2-5.5 6.5-5.500s5.9 1.8 6.5 5.500M15.5 4.300a3.5 3.5 0 0 1 0 6.500M18 15c2 .8 3.2 2.5 3.5 5',
  wifi: 'M3 9.500a13 13 0 0 1 18 0M6.5 13.300a8 8 0 0 1 11 0M12 18v.1',
  'wifi-off': 'M3 3l18 18M3 9.500a13 13 0 0 1 4-2.600M11 5.900a13 13 0 0 1 10 3.600M6.5 13.300a8 8 0 0 1 4-2M12 18v.1',
} as const;

export type IconName = keyof typeof DRAWINGS;

export interface IconProps {
  name: IconName;
  size?: number;
  /** Spoken name; without one the drawing is decoration. */
  label?: string;
}

export function Icon({ name, size = 22, label }: IconProps): ReactElement {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 3.4 : 2}
      strokeLinecap="round"
      strokeLinejoin="round"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={DRAWINGS[name]} />
    </svg>
  );
}
