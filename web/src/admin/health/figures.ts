import type { TFunction } from 'i18next';
import { formatDayTime, formatNumber, formatSize } from '../../format';
import type { HealthPart } from './health';

type Figure = HealthPart['figures'][string];

/** What is told of each part, in this order. The others are for programs. */
const SHOWN: Record<string, string[]> = {
  store: ['database_bytes', 'log_bytes', 'commit_p50_ms', 'commit_p95_ms', 'waiting', 'commits'],
  disk: ['free_bytes', 'size_bytes', 'free_percent'],
  blobs: ['count', 'bytes', 'scrubbed_at', 'checked', 'damaged'],
  audit: ['waiting', 'waits_s', 'sent_at', 'failing_s'],
  events: ['waiting', 'read_at'],
  calls: ['rooms', 'peers', 'packets_per_s', 'lag_p99_ms', 'busy_percent', 'refused_rooms', 'send_failures'],
  certificate: ['kind', 'ends_at', 'days'],
  backup: ['taken_at', 'set', 'files'],
  'day-pack': ['kind', 'written_at'],
  clock: ['behind_s', 'up_s'],
};

/** The figures of a part as pairs of words. */
export function figuresOf(part: HealthPart, t: TFunction<'admin'>): [string, string][] {
  return (SHOWN[part.id] ?? []).flatMap((name) => {
    const value = part.figures[name];
    if (value === null || value === undefined) return [];
    return [[t(`health.figure.${name}`), inWords(name, value, t)] as [string, string]];
  });
}

function inWords(name: string, value: Figure, t: TFunction<'admin'>): string {
  if (name.endsWith('_at')) return formatDayTime(String(value));
  if (typeof value !== 'number') return name === 'kind' ? t(`health.kind.${String(value)}`) : String(value);
  if (name.endsWith('bytes')) return formatBytes(value);
  if (name.endsWith('_ms')) return t('health.ms', { value: formatNumber(value, 2) });
  if (name.endsWith('_percent')) return `${formatNumber(value)} %`;
  if (name.endsWith('_s') && name !== 'packets_per_s') return lasting(value, t);
  return formatNumber(value);
}

/** Disks are told in gigabytes, files in what fits them. */
export function formatBytes(bytes: number): string {
  return bytes < 1e9 ? formatSize(bytes) : `${formatNumber(bytes / 1e9, 1)} GB`;
}

function lasting(seconds: number, t: TFunction<'admin'>): string {
  if (seconds < 120) return t('health.seconds', { value: formatNumber(seconds, 1) });
  if (seconds < 7_200) return t('health.minutes', { value: formatNumber(seconds / 60) });
  if (seconds < 172_800) return t('health.hours', { value: formatNumber(seconds / 3_600) });
  return t('health.days', { value: formatNumber(seconds / 86_400) });
}
