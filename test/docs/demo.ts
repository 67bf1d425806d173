/** The page about the demo: what people need to know before it, and what it prints. */
const INTRODUCTION = `# The demo

What \`npm run demo\` prints. First an attestation and three attacks on it, then the [three ways to deploy it](deployment.md), each with the [reference services](reference-services.md) on this machine and a simulated device. It needs Node and nothing else: no network, no device, no Apple.

\`\`\`sh
npm run demo                  # all of it
npm run demo -- --model 2     # one model
\`\`\`

It exits with 1 if anything does not come out as announced. In the output a line that begins with a name, \`ACME server\` say, is what that program did or answered; what is in quotation marks went over the wire.
`;

/** @param output without colours */
export function renderDemo(output: string): string {
  const [, ...parts] = output.split(/^(.+)\n=+\n/m);
  const sections: string[] = [];
  for (let i = 0; i < parts.length; i += 2)
    sections.push(`## ${parts[i]!}\n\n\`\`\`\n${parts[i + 1]!.trimEnd()}\n\`\`\`\n`);
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}
