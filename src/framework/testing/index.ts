export { type DomainSpec, domainSpec } from "./domain-spec.ts";
export { type ProjectorSpec, projectorSpec } from "./projector-spec.ts";
export { type SubscriptionSpec, subscriptionSpec } from "./subscription-spec.ts";
export { type WorkflowSpec, workflowSpec } from "./workflow-spec.ts";
