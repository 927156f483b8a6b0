export { type FhirResource, type InvalidResource, validateResource } from "./validate.ts";
export { describeRule, type IssueCode, type ValidationIssue } from "./issue.ts";
export {
  DEFAULT_JSON_LIMITS,
  isJsonObject,
  type JsonError,
  type JsonLimits,
  type JsonObject,
  type JsonRule,
  parseJson,
} from "./json.ts";
export { copyLexemes, stringifyJson } from "./decimal.ts";
export { isResourceType, RESOURCE_TYPES, type ResourceType } from "./supported-types.ts";
export { authorOf, INLINE_LABEL, inlineLabelsOf, labelsOf, specialLabels, statesLabels, withLabels } from "./labels.ts";
export { DOCUMENT_CONTENT, documentContents } from "./document-kind.ts";
export { claimsMessageCategory, MESSAGE_CATEGORY, messageCategoryOf } from "./message-category.ts";
export { spanOf } from "./clinical-time.ts";
export { parseReference, type ReferenceTarget } from "./references.ts";
export { type FoundReference, references, rewriteReferences } from "./links.ts";
export {
  CLASS_OF_CATEGORY,
  classesOfType,
  classOf,
  compartmentPaths,
  hasPatientHome,
  isInCompartment,
  patientOf,
  patientOfId,
  type SeveralPatients,
} from "./resource-types.ts";
export { jsonIssue, type OperationOutcome, operationOutcome, plainOutcome, RULE_SYSTEM } from "./outcome.ts";
export { type CapabilityInput, capabilityStatement, type Interaction } from "./capability.ts";
export { type InvalidSearch, parseSearch, type SearchOptions } from "./search/parse.ts";
export {
  type Criterion,
  type Include,
  type SearchQuery,
  type SearchValue,
  type SortKey,
  type Summary,
} from "./search/query.ts";
export { type SearchParameter, searchParameter, searchParameterCodes } from "./search/parameters.ts";
export { matcher, type MatchOptions } from "./search/match.ts";
export { type Page, paginate, sortResources } from "./search/order.ts";
export { includedReferences, shapeResource, SUBSETTED } from "./search/shape.ts";
export {
  type BundleEntry,
  type BundleEnvelope,
  type BundleOptions,
  type InvalidBundle,
  readBundle,
  type RefusedEntry,
} from "./bundle/envelope.ts";
export type { Condition } from "./bundle/request.ts";
export { type BundleOperation, type BundlePlan, planBundle, type PlanInput } from "./bundle/plan.ts";
export {
  type Bundle,
  type BundleLink,
  type EntryResponse,
  everythingOrder,
  historyBundle,
  type HistoryVersion,
  responseBundle,
  searchsetBundle,
  type SearchsetInput,
} from "./bundle/responses.ts";
