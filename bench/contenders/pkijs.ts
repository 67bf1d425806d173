import { Certificate, CertificateChainValidationEngine } from 'pkijs';
import { type Contender, ensure, readFacts } from './contender.ts';

/** The chain engine of pkijs. The only file that imports it: it writes a global on import. */
export const pkijs: Contender = {
  name: 'pkijs, CertificateChainValidationEngine',
  prepare(setting) {
    const root = Certificate.fromBER(setting.root);
    return async ({ leaf: leafBytes, subCa: subCaBytes }) => {
      const leaf = Certificate.fromBER(leafBytes);
      const subCa = Certificate.fromBER(subCaBytes);
      const engine = new CertificateChainValidationEngine({
        trustedCerts: [root],
        certs: [subCa, leaf],
        checkDate: setting.at,
      });
      const { result, resultMessage } = await engine.verify();
      ensure(result, resultMessage);
      const values = new Map(
        leaf.extensions?.map(({ extnID, extnValue }) => [extnID, extnValue.valueBlock.valueHexView]),
      );
      return readFacts((oid) => values.get(oid), setting);
    };
  },
};
