/** Whether the caller of a statement that begins with the caller's CTEs is no student. */
export const isNoStudent = '((select student_id from me) is null)'

/** What the newest notice given to the student told of alert `a`: JSON `{severity, signals}`; null where there is none. */
const shown = `(select n.shown from alert_notices n where n.institution_id = $1::uuid and n.alert_id = a.id
  and n.to_whom = 'student' and n.outcome <> 'attempted' order by n.version desc, n.id desc limit 1)`

/** Severity of alert `a` as its student may know it. */
export const severityShown = `(${shown}->>'severity')`

/**
 * JSON of alert `a` as its student sees it: `severity`, `kinds` and `figures` of what the newest notice told, with
 * `more` members. That a signal was cleared since is told at once.
 */
export const shownJson = (more = ''): string => `(select json_build_object(${more}'severity', w.shown->>'severity',
  'kinds', (select coalesce(json_agg(distinct x->>'kind'), '[]') from jsonb_array_elements(w.shown->'signals') x),
  'figures', (select coalesce(json_agg(json_build_object('kind', x->>'kind', 'severity', x->>'severity',
      'status', coalesce((select g.status from signals g where g.institution_id = $1::uuid and g.id = (x->>'id')::uuid and g.status = 'cleared'), x->>'status'), 'observedAt', x->>'observedAt', 'figures', x->'figures') order by n), '[]')
    from jsonb_array_elements(w.shown->'signals') with ordinality y(x, n)))
  from (select coalesce(${shown}, '{"signals": []}') as shown offset 0) w)`
