/** Times are in ISO 8601, keys and fingerprints in lower-case hexadecimal; what the library makes is kept as JSON. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS devices (
  serial_number TEXT PRIMARY KEY,
  udid TEXT,                  -- as it is attested: on a Mac the provisioning UDID
  platform TEXT,
  model TEXT,
  supervised INTEGER
) STRICT;

CREATE TABLE IF NOT EXISTS users (
  name TEXT PRIMARY KEY,
  salt TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

-- Who may enroll: one for each profile that was handed out, by the name of its client identifier.
CREATE TABLE IF NOT EXISTS invitations (
  id TEXT PRIMARY KEY,
  mode TEXT NOT NULL CHECK (mode IN ('device', 'user')),
  serial_number TEXT,
  user_name TEXT,
  upgrades TEXT REFERENCES enrollments (id),
  profile TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  claimed_by TEXT,            -- the token of the challenge for which an external ACME server asked
  enrollment_id TEXT REFERENCES enrollments (id)
) STRICT;

CREATE TABLE IF NOT EXISTS enrollments (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('authenticated', 'enrolled', 'checked-out')),
  mode TEXT NOT NULL CHECK (mode IN ('device', 'user')),
  identity TEXT NOT NULL CHECK (identity IN ('attested', 'plain')),
  key_fingerprint TEXT NOT NULL UNIQUE,
  serial_number TEXT,
  user_name TEXT,
  device_id TEXT NOT NULL,    -- what the device names itself by: UDID, or EnrollmentID in a User Enrollment
  profile TEXT NOT NULL,      -- as it is installed
  push TEXT,
  attested TEXT,
  attested_key TEXT,          -- of the first attestation of this enrollment
  attested_at TEXT,           -- of the newest; stays, whatever becomes of what it said
  reported TEXT,
  reported_at TEXT,
  security TEXT,
  security_at TEXT,
  history TEXT,
  verdict TEXT,
  decision TEXT
) STRICT;

-- A device that enrolls again has left the enrollment before.
CREATE UNIQUE INDEX IF NOT EXISTS live_devices ON enrollments (device_id) WHERE state <> 'checked-out';

CREATE TABLE IF NOT EXISTS commands (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  enrollment_id TEXT NOT NULL REFERENCES enrollments (id),
  request_type TEXT NOT NULL,
  body TEXT NOT NULL,
  item TEXT,                  -- what it gives to the device or takes from it
  nonce TEXT,
  state TEXT NOT NULL,
  times_sent INTEGER NOT NULL DEFAULT 0,
  sent_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS commands_of ON commands (enrollment_id, state);

-- What a device has got of that which is withheld until it complies.
CREATE TABLE IF NOT EXISTS holdings (
  enrollment_id TEXT NOT NULL REFERENCES enrollments (id),
  item TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('absent', 'installing', 'installed', 'removing')),
  command_uuid TEXT,
  retry_at TEXT,
  PRIMARY KEY (enrollment_id, item)
) STRICT;

CREATE TABLE IF NOT EXISTS entries (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  expires_at INTEGER
) STRICT;
`;
