/**
 * The arc of this project: a GUID below the arc that Microsoft gives to everybody, in pieces of 4, 4, 4, 4, 4, 6 and
 * 6 digits. Every number fits into 31 bits, which the UUIDs below 2.25 do not: Go's crypto/x509 refuses a whole
 * certificate for one of them.
 */
const PROJECT_ARC = '1.2.840.113556.1.8000.2554.59036.60326.39184.18152.48816.11829751.7621410';

/** OID, dotted, of the extension that says where attested properties in an issued certificate come from. */
export const attestationEvidenceOid = `${PROJECT_ARC}.1`;

/** Apple's arc of attested properties. */
export const APPLE_ARC = '1.2.840.113635.100.8';

export const SUBJECT_ALTERNATIVE_NAME_OID = '2.5.29.17';
