export interface Urls {
  readonly enroll: string;
  readonly checkIn: string;
  readonly command: string;
  readonly ask: string;
  readonly facts: string;
}

export const urlsAt = (origin: string): Urls => ({
  enroll: `${origin}/enroll`,
  checkIn: `${origin}/checkin`,
  command: `${origin}/command`,
  ask: `${origin}/ask`,
  facts: `${origin}/facts`,
});
