DROP INDEX "audit_actor";--> statement-breakpoint
CREATE INDEX "audit_factor" ON "audit_events" USING btree ("factor","at","seq") WHERE "audit_events"."factor" is not null;--> statement-breakpoint
CREATE INDEX "audit_step_ups" ON "audit_events" USING btree ("at") WHERE jsonb_typeof("audit_events"."detail" -> 'confirmedInMs') = 'number';--> statement-breakpoint
CREATE INDEX "audit_actor" ON "audit_events" USING btree ("actor_id","at","seq");