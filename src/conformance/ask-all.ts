import { type Answer, readAnswer } from './answer.ts';
import type { OpenVerifier, Reception, VerifierConnection } from './connection.ts';
import { ShapeFault } from './shape.ts';

/** How a verifier may fail to answer. */
export type Misbehaviour = 'crashed' | 'timed-out' | 'out-of-order' | 'rubbish' | 'over-long';

/** What came of one request. */
export type Finding =
  { readonly kind: 'answered'; readonly answer: Answer } | { readonly kind: Misbehaviour; readonly detail: string };

export interface Question {
  readonly id: string;
  /** The request as a line. */
  readonly line: string;
}

/** So many requests are under way at once: a verifier behind a pipe never waits for the next. */
const WINDOW = 16;

/** Of a line that is no answer, for the report. */
const KEPT_CHARACTERS = 400;

/**
 * Asks every question, in their order. As long as all goes well, several are under way. Whoever misbehaves
 * then need not have done so because of the question that is next in turn: so all that have no answer yet
 * are asked one at a time from there on, of a verifier that is started anew after each misbehaviour.
 */
export async function askAll(
  questions: readonly Question[],
  open: OpenVerifier,
  timeLimitSeconds: number,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let connection: VerifierConnection | undefined;
  let unexplained: Incident | undefined;
  let sent = 0;
  try {
    while (findings.length < questions.length) {
      const next = findings.length;
      if (connection === undefined) {
        connection = await open();
        sent = next;
      }
      const end = Math.min(next + (unexplained === undefined ? WINDOW : 1), questions.length);
      for (; sent < end; sent++) connection.send(questions[sent]!.line);
      const finding = read(await within(timeLimitSeconds, connection.receive()), questions[next]!);
      const alone = sent === next + 1;
      if (finding.kind === 'answered' || alone) findings.push(finding);
      else unexplained = { finding, from: next, to: sent };
      if (finding.kind !== 'answered') {
        const broken = connection;
        connection = undefined;
        await broken.close();
      }
    }
  } finally {
    await connection?.close();
  }
  return unexplained === undefined ? findings : explained(findings, unexplained);
}

/** A misbehaviour while the questions in the range were under way. */
interface Incident {
  readonly finding: Finding;
  readonly from: number;
  readonly to: number;
}

/** An incident that no question brings about alone has happened all the same: the first in turn is charged with it. */
function explained(findings: readonly Finding[], { finding, from, to }: Incident): readonly Finding[] {
  const isRepeated = findings.slice(from, to).some(({ kind }) => kind !== 'answered');
  return isRepeated ? findings : findings.with(from, finding);
}

async function within(seconds: number, reception: Promise<Reception>): Promise<Reception | 'timed-out'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<'timed-out'>((resolve) => {
    timer = setTimeout(() => resolve('timed-out'), seconds * 1000);
  });
  try {
    return await Promise.race([reception, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function read(reception: Reception | 'timed-out', { id }: Question): Finding {
  if (reception === 'timed-out') return { kind: 'timed-out', detail: 'no answer within the time limit' };
  if (reception.kind === 'ended') return { kind: 'crashed', detail: reception.detail };
  if (reception.kind === 'over-long') return { kind: 'over-long', detail: 'the line is longer than the limit' };
  let answer: Answer;
  try {
    answer = readAnswer(reception.line);
  } catch (error) {
    if (error instanceof ShapeFault)
      return { kind: 'rubbish', detail: `${error.message}: ${reception.line.slice(0, KEPT_CHARACTERS)}` };
    throw error;
  }
  // A verifier that could not read the id says null.
  if (answer.id === id || answer.id === null) return { kind: 'answered', answer };
  return { kind: 'out-of-order', detail: `the answer has the id ${JSON.stringify(answer.id)}` };
}
