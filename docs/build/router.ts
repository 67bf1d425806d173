import { BaseRouter, type Reflection } from 'typedoc';
import { addressOf } from './names.ts';

/** Addresses that last: `guides/errors.html`, `api/core/verifyAttestation.html`. */
export class SiteRouter extends BaseRouter {
  protected override getIdealBaseName(reflection: Reflection): string {
    const address = addressOf(reflection);
    if (reflection.isDocument()) return `guides/${address ?? reflection.name}`;
    if (address !== undefined) return `api/${address}`;
    return `${this.getIdealBaseName(reflection.parent!)}/${this.getUrlSafeName(reflection.name)}`;
  }
}
