export * from "./patient-portal/answers.ts";
export * from "./patient-portal/requests.ts";
export * from "./patient-portal/settings.ts";
