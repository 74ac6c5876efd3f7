create trigger crises_keep_history before insert or update on crises
for each row execute function subject_keep_history('crisis_moves');
--> statement-breakpoint
create trigger crises_write_opening after insert on crises
for each row execute function subject_write_opening('crisis_moves');
--> statement-breakpoint
alter table crises set (fillfactor = 85);
