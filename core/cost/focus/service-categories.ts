/**
 * Each FOCUS ServiceCategory with its subcategories: a subcategory has one parent (column page servicesubcategory.md, 1.2 and
 * later, unchanged). Every category also has `Other (<category>)`.
 */
const SUBCATEGORIES: Readonly<Record<string, readonly string[]>> = {
  "AI and Machine Learning": [
    "AI Platforms",
    "Bots",
    "Generative AI",
    "Machine Learning",
    "Natural Language Processing",
  ],
  Analytics: ["Analytics Platforms", "Business Intelligence", "Data Processing", "Search", "Streaming Analytics"],
  "Business Applications": ["Productivity and Collaboration"],
  Compute: ["Containers", "End User Computing", "Quantum Compute", "Serverless Compute", "Virtual Machines"],
  Databases: [
    "Caching",
    "Data Warehouses",
    "Ledger Databases",
    "NoSQL Databases",
    "Relational Databases",
    "Time Series Databases",
  ],
  "Developer Tools": [
    "Developer Platforms",
    "Continuous Integration and Deployment",
    "Development Environments",
    "Source Code Management",
    "Quality Assurance",
  ],
  Identity: ["Identity and Access Management"],
  Integration: ["API Management", "Messaging", "Workflow Orchestration"],
  "Internet of Things": ["IoT Analytics", "IoT Platforms"],
  "Management and Governance": [
    "Architecture",
    "Compliance",
    "Cost Management",
    "Data Governance",
    "Disaster Recovery",
    "Endpoint Management",
    "Observability",
    "Support",
  ],
  Media: ["Content Creation", "Gaming", "Media Streaming", "Mixed Reality"],
  Migration: ["Data Migration", "Resource Migration"],
  Mobile: [],
  Multicloud: ["Multicloud Integration"],
  Networking: [
    "Application Networking",
    "Content Delivery",
    "Network Connectivity",
    "Network Infrastructure",
    "Network Routing",
    "Network Security",
  ],
  Security: ["Secret Management", "Security Posture Management", "Threat Detection and Response"],
  Storage: ["Backup Storage", "Block Storage", "File Storage", "Object Storage", "Storage Platforms"],
  Web: ["Application Platforms"],
  Other: [],
};

export const SERVICE_CATEGORIES: readonly string[] = Object.keys(SUBCATEGORIES);

/** The subcategory for what has none of its own. */
export const otherOf = (category: string): string => `Other (${category})`;

const PARENTS: ReadonlyMap<string, string> = new Map(
  Object.entries(SUBCATEGORIES).flatMap(([category, names]) =>
    [...names, otherOf(category)].map((name) => [name, category] as const),
  ),
);

export const SERVICE_SUBCATEGORIES: readonly string[] = [...PARENTS.keys()];

/** The one ServiceCategory that a subcategory belongs to; undefined for no subcategory of FOCUS. */
export const parentOf = (subcategory: string): string | undefined => PARENTS.get(subcategory);
