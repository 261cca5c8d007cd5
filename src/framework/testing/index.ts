export type { BeforeEach } from "./before-each.ts";
export { type DomainSpec, type DomainSpecOptions, domainSpec } from "./domain-spec.ts";
export type { Expected } from "./expected.ts";
export {
  type ProjectorSpec,
  type ProjectorSpecOptions,
  projectorSpec,
  type SpecTables,
} from "./projector-spec.ts";
export { recordingStore } from "./recording-store.ts";
export { type WorkflowSpec, type WorkflowSpecOptions, workflowSpec } from "./workflow-spec.ts";
