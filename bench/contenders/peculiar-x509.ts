import 'reflect-metadata';
import { BasicConstraintsExtension, X509Certificate } from '@peculiar/x509';
import { type Contender, ensure, readFacts } from './contender.ts';

/** `@peculiar/x509` with the path checked by hand, which is quicker than its chain builder; the root's key imported once. */
export const peculiarX509: Contender = {
  name: '@peculiar/x509, path by hand',
  async prepare(setting) {
    const { at } = setting;
    const root = new X509Certificate(setting.root);
    const rootKey = await root.publicKey.export();
    return async (evidence) => {
      const leaf = new X509Certificate(evidence.leaf);
      const subCa = new X509Certificate(evidence.subCa);
      ensure(leaf.issuer === subCa.subject && subCa.issuer === root.subject, 'names');
      ensure(subCa.getExtension(BasicConstraintsExtension)?.ca === true, 'not a CA');
      ensure(root.notBefore <= at && at <= root.notAfter, 'validity of the root');
      ensure(await leaf.verify({ publicKey: subCa.publicKey, date: at }), 'leaf');
      ensure(await subCa.verify({ publicKey: rootKey, date: at }), 'Sub CA');
      return readFacts((oid) => {
        const value = leaf.getExtension(oid)?.value;
        return value && new Uint8Array(value);
      }, setting);
    };
  },
};
