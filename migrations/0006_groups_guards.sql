create trigger groups_keep_history before insert or update on groups
for each row execute function subject_keep_history('group_moves');
--> statement-breakpoint
create trigger groups_write_opening after insert on groups
for each row execute function subject_write_opening('group_moves');
--> statement-breakpoint
create trigger group_records_keep_signed before update on group_records
for each row execute function records_keep_signed();
--> statement-breakpoint
alter table groups set (fillfactor = 85);
