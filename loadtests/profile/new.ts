/** The text of a profile that runs as it is, for its owner to change. */
export function newProfile(id: string): string {
  return `# yaml-language-server: $schema=https://hipaa-check.dev/schema/load-profile.schema.json
id: ${id}
title: What this load stands for
why: >-
  Who suffers when the send path is slower than this.
# Requirements that the profile is about (docs/reference/coverage.md).
requirements: [OPS-01, OPS-07]
# Length of the measured part, and of what goes before it and counts for nothing.
duration: 30s
warmup: 5s
# How long messages under way are waited for.
drain: 10s
# Connections at most.
sessions: 20
scenarios:
  - id: messages
    # Messages a second, whatever the server does.
    rate: 20
    message: { template: transactional, size: 8192, recipients: 1 }
levels:
  # submit and endToEnd run from the moment at which a message was to be sent.
  - { kind: latency, scenario: messages, measure: endToEnd, percentile: 99, maximum: 2s, requirements: [OPS-01] }
  - { kind: refused, scenario: messages, maximum: 0, requirements: [OPS-01] }
  - { kind: lost, maximum: 0, requirements: [AVL-02] }
`;
}
