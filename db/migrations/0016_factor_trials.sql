CREATE TABLE "factor_trials" (
	"factor" text NOT NULL,
	"configuration" text NOT NULL,
	"confirmed_by" uuid NOT NULL,
	"confirmed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "factor_trials_factor_configuration_pk" PRIMARY KEY("factor","configuration")
);
