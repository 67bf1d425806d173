/** The parts of `docs/runtimes.md` that are measured: each stands between two comments that name it. */
export function replaceSection(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: written by a program -->`, `<!-- ${name}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/runtimes.md has no section ${name}`);
  return `${page.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${page.slice(to)}`;
}

type Answers = Readonly<Record<string, string>>;

/** What WebCrypto answers: a table of what differs, with runtimes that agree in everything side by side, and a list of the rest. */
export function differencesOf(answers: ReadonlyMap<string, Answers>): string {
  const groups = new Map<string, { readonly names: string[]; readonly answers: Answers }>();
  for (const [name, answered] of answers) {
    const key = JSON.stringify(answered);
    const group = groups.get(key) ?? { names: [], answers: answered };
    group.names.push(name);
    groups.set(key, group);
  }
  const columns = [...groups.values()];
  const questions = Object.keys(columns[0]!.answers);
  const isEqual = (question: string): boolean => new Set(columns.map((column) => column.answers[question])).size === 1;
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(['what', ...columns.map(({ names }) => names.join(', '))]),
    row(['---', ...columns.map(() => '---')]),
    ...questions
      .filter((question) => !isEqual(question))
      .map((question) => row([question, ...columns.map((column) => shown(column.answers[question]!))])),
    '',
    'The same in all of them:',
    '',
    ...questions.filter(isEqual).map((question) => `- ${question}: ${shown(columns[0]!.answers[question]!)}`),
  ].join('\n');
}

const shown = (answer: string): string => (/^(?:yes|no)$/.test(answer) ? answer : `\`${answer}\``);
