import type { Platform } from './facts.ts';

export const PLATFORMS: readonly Platform[] = ['macos', 'ios', 'ipados', 'tvos', 'watchos', 'visionos'];

export function isPlatform(value: unknown): value is Platform {
  return PLATFORMS.includes(value as Platform);
}
