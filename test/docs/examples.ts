import { filesBelow, readSource, type SourceFile } from './sources.ts';

export interface Example {
  /** The file, and the symbol or the heading that the example belongs to. */
  readonly name: string;
  readonly code: string;
  /** What `console.log(…); // …` says that it prints, in order. */
  readonly prints: readonly string[];
}

/** Every `ts` block of the TSDoc comments, the README and the pages of `docs/`. */
export function findExamples(): readonly Example[] {
  const sources = filesBelow('src', '.ts').filter(({ path }) => !path.startsWith('src/cli/'));
  return [...sources.flatMap(examplesOfSource), ...pages().flatMap(examplesOfPage)];
}

/** The pages that people write, or that are rendered for them; not the generated reference. */
export function pages(): readonly SourceFile[] {
  return [readSource('README.md'), ...filesBelow('docs', '.md').filter(({ path }) => !path.startsWith('docs/site/'))];
}

const FENCE = /^```ts\n([^]*?)^```$/gm;

function examplesOfSource({ path, text }: SourceFile): Example[] {
  const comments = [...text.matchAll(/^\/\*\*[^]*?^ \*\/\n(.*)/gm)];
  return comments.flatMap(([comment, declaration = '']) => {
    const symbol = /(?:function|class|const|interface|type) (\w+)/.exec(declaration)?.[1] ?? 'module';
    return examplesIn(comment.replace(/^ \* ?/gm, ''), `${path} ${symbol}`);
  });
}

function examplesOfPage({ path, text }: SourceFile): Example[] {
  return text.split(/^(?=#+ )/m).flatMap((section) => {
    const heading = /^#+ (.*)/.exec(section)?.[1] ?? '';
    return examplesIn(section, `${path} ${heading}`);
  });
}

function examplesIn(text: string, name: string): Example[] {
  return [...text.matchAll(FENCE)].map(([, code = ''], index) => ({
    name: index === 0 ? name : `${name} ${index + 1}`,
    code,
    prints: [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, printed]) => printed!),
  }));
}
