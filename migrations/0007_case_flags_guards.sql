-- What cases written before these columns are flagged for: the newest agreement, and deferrals whose record is not on
-- file. A check of the plan counts as settled once a plan was signed since.
update cases c set agreement_until = (select (r.content->>'validUntil')::date from records r
  where r.institution_id = c.institution_id and r.case_id = c.id and r.kind = 'service_agreement' and r.status = 'signed'
  order by r.signed_version desc limit 1),
deferral_due_on = (select min(w.due_on) from waivers w
  where w.institution_id = c.institution_id and w.case_id = c.id and w.mode = 'deferred'
    and not exists (select from waivers o where o.institution_id = w.institution_id and o.case_id = w.case_id
      and o.need = w.need and o.version > w.version)
    and not exists (select from records r where r.institution_id = w.institution_id and r.case_id = w.case_id and r.status = 'signed'
      and (r.kind = w.need or (w.need in ('goals_graded', 'feasibility_reviewed') and r.kind = 'plan' and r.signed_version > w.version))));
