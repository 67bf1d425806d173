import { signatures } from './contenders/node-crypto.ts';

/** Every signature holds, at once and at no cost; returns what puts the real one back. */
export function withoutSignatures(): () => void {
  const { verify } = signatures;
  signatures.verify = () => true;
  Object.defineProperty(crypto.subtle, 'verify', { configurable: true, value: () => Promise.resolve(true) });
  return () => {
    signatures.verify = verify;
    Reflect.deleteProperty(crypto.subtle, 'verify');
  };
}
