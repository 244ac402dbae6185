// drizzle's handle takes the whole schema as one object: the only place that gathers tables.
export * from "./approvals";
export * from "./audit";
export * from "./customers";
export * from "./help-requests";
export * from "./links";
export * from "./outbox";
export * from "./people";
export * from "./policy";
export * from "./sessions";
export * from "./step-up";
