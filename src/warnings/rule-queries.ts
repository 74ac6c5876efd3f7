import { failedResult, newestFinals } from '../people/final-results.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import type { Figures, RuleName } from '../practice/warning-rules.ts'

/** A student a rule found, and why. */
export interface Flag {
  readonly studentId: string
  readonly number: string
  readonly name: string
  /** Names all it rests on, in order. */
  readonly facts: string
  /** Each thing it rests on: a flag without anything new in it is never raised again. */
  readonly parts: readonly string[]
  /** Newest day of what it rests on. */
  readonly on: string
  readonly figures: Figures
}

/** Students a rule looks at: those who study, whom full imports had not missed by the day, of the unit and grades it names. */
const studying = `s as materialized (
  select s.id, s.number, s.name from students s cross join p where s.institution_id = $1::uuid
    and (s.absent_since is null or s.absent_since > p.day)
    and s.enrolment_status in ('enrolled', 'academic_probation', 'repeating_year', 'delayed_graduation')
    and ($4::uuid is null or exists (select from org_ancestors a
      where a.institution_id = $1::uuid and a.unit_id = s.org_unit_id and a.ancestor_id = $4::uuid))
    and ($5::jsonb = '[]'::jsonb or s.grade in (select jsonb_array_elements_text($5::jsonb))))`

/** First day of the term that runs: nobody is silent for having had holidays, and nobody before they have come. */
const beginning = `(select max(m.starts_on) from terms m, p where m.institution_id = $1::uuid and m.starts_on <= p.day and m.ends_on >= p.day)`

/**
 * Terms that count as present: from their first day until a term begins that lies wholly after them, holidays included;
 * a hundred days after their last day at most, so that of a roster of the past nobody is flagged today.
 */
const present = `(select m.id from terms m, p where m.institution_id = $1::uuid and m.starts_on <= p.day and m.ends_on >= p.day - 100
    and not exists (select from terms x where x.institution_id = $1::uuid and x.starts_on > m.ends_on and x.starts_on <= p.day))`

/** Results known by the day, of the students looked at; `kind` narrows to finals or to assessments. */
const known = (name: string, kind: string, within = '') => `${name} as materialized (
  select r.student_id, r.course_id, r.term_id, r.item, r.score, r.outcome, r.recorded_on, c.external_id as code,
    c.credits, m.external_id as term, m.starts_on
  from results r join s on s.id = r.student_id cross join p
  join courses c on c.institution_id = $1::uuid and c.id = r.course_id join terms m on m.institution_id = $1::uuid and m.id = r.term_id
  where r.institution_id = $1::uuid and r.recorded_on <= p.day and ${kind}${within})`

const finals = known('f', "r.item = ''", ` and (p.c->>'span' = 'all' or r.term_id in ${present})`)

/** Courses whose final result that counts is failed or missing. */
const failed = `b as (select n.* from ${newestFinals('f')} n where ${failedResult('n')})`

/** Assessments that were due before the day, and the days of grace, and have no result: not handed in, though nobody says so. */
const unanswered = `select distinct on (e.student_id, v.id) e.student_id, v.course_id, v.term_id, v.title, null::numeric, 'missing', v.due_on,
    c.external_id, c.credits, m.external_id, m.starts_on
  from enrolments e join s on s.id = e.student_id cross join p
  join sections k on k.institution_id = $1::uuid and k.id = e.section_id
  join assessments v on v.institution_id = $1::uuid and v.course_id = k.course_id and v.term_id = k.term_id
    and (v.section_id is null or v.section_id = k.id)
  join courses c on c.institution_id = $1::uuid and c.id = v.course_id join terms m on m.institution_id = $1::uuid and m.id = v.term_id
  where e.institution_id = $1::uuid and e.valid_from <= v.due_on and (e.valid_until is null or e.valid_until > v.due_on)
    and not v.is_final and v.due_on + coalesce((p.c->>'graceDays')::int, 0) < p.day and v.term_id in ${present}
    and not exists (select from results r where r.institution_id = $1::uuid and r.student_id = e.student_id and r.course_id = v.course_id
      and r.term_id = v.term_id and (r.assessment_id = v.id or r.item = v.title) and r.recorded_on <= p.day)`

const handedIn = known('handed', "r.item <> ''", ` and r.term_id in ${present}`)

const work = `${handedIn},
w as materialized (select * from handed union all (${unanswered}))`

const graded = known('g', 'r.score is not null', ` and r.term_id in ${present}`)

const byCourse = (trouble: string) => `${work},
flagged as (select student_id, 'term ' || term || ' course ' || code || ' ' || string_agg(item, ' ' order by item) as facts,
    json_agg(distinct 'term ' || term || ' course ' || code || ' ' || item) as parts, max(recorded_on) as day,
    json_build_object('count', count(*), 'threshold', (p.c->>'works')::int, 'course', code, 'term', term, 'items', json_agg(item order by recorded_on, item)) as figures
  from w cross join p where ${trouble} group by student_id, code, term, p.c having count(*) >= (p.c->>'works')::int)`

const failedCourses = (measure: string, threshold: string) => `${finals},
${failed},
flagged as (select student_id, string_agg(term || ' ' || code, ' ' order by term, code) as facts,
    json_agg(term || ' ' || code order by term, code) as parts, max(recorded_on) as day,
    json_build_object('count', count(*), 'credits', sum(credits), 'threshold', (p.c->>'${threshold}')::numeric, 'courses', json_agg(code order by term, code)) as figures
  from b cross join p group by student_id, p.c having ${measure} >= (p.c->>'${threshold}')::numeric)`

/** Day on which the service came to know student `s`: the time in the id. Nothing was to be heard of them here before. */
const knownOn = `(to_timestamp(('x' || translate(left(s.id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) at time zone i.time_zone)::date`

/** CTEs of each rule up to `flagged(student_id, facts, parts, day, figures)`; no parts = the facts as a whole; `p(day, c)` is the day and the criterion. */
const criteria: Readonly<Record<RuleName, string>> = {
  failed_courses: failedCourses('count(*)', 'courses'),
  failed_credits: failedCourses('sum(credits)', 'credits'),
  low_average: `${graded},
flagged as (select student_id, 'term ' || term as facts, null::json as parts, max(recorded_on) as day,
    json_build_object('count', count(*), 'average', round(avg(score)::numeric, 2), 'threshold', (p.c->>'below')::numeric, 'term', term) as figures
  from g cross join p group by student_id, term, p.c having count(*) >= (p.c->>'results')::int and avg(score) < (p.c->>'below')::numeric)`,
  low_score: `${handedIn},
flagged as (select student_id, 'term ' || term || ' course ' || code || ' ' || item as facts, null::json as parts, recorded_on as day,
    json_build_object('score', score, 'threshold', (p.c->>'below')::numeric, 'course', code, 'term', term, 'item', item) as figures
  from handed cross join p where score < (p.c->>'below')::numeric)`,
  missing_work: byCourse("outcome = 'missing'"),
  failing_work: byCourse("(outcome = 'missing' or score < (p.c->>'below')::numeric)"),
  bottom_of_course: `${graded},
a as (select student_id, course_id, code, term, avg(score) as average, max(recorded_on) as day from g group by student_id, course_id, code, term),
o as (select *, rank() over (partition by course_id, term order by average desc) as place, count(*) over (partition by course_id, term) as size from a),
flagged as (select student_id, 'term ' || term || ' course ' || code as facts, null::json as parts, o.day,
    json_build_object('rank', place, 'size', size, 'threshold', (p.c->>'percent')::numeric, 'average', round(average::numeric, 2), 'course', code, 'term', term) as figures
  from o cross join p where size >= (p.c->>'students')::int and place * 100 > size * (100 - (p.c->>'percent')::numeric))`,
  drop: `${known('g', 'r.score is not null')},
a as (select student_id, term_id, term, avg(score) as average, max(recorded_on) as day from g group by student_id, term_id, term),
t as (select a.*, m.starts_on, row_number() over (partition by student_id order by m.starts_on desc) as n
  from a join terms m on m.institution_id = $1::uuid and m.id = a.term_id),
flagged as (select x.student_id, 'term ' || x.term || ' after ' || y.term as facts, null::json as parts, x.day,
    json_build_object('average', round(x.average::numeric, 2), 'before', round(y.average::numeric, 2), 'threshold', (p.c->>'points')::numeric, 'term', x.term) as figures
  from t x join t y on y.student_id = x.student_id and x.n = 1 and y.n = 2 cross join p
  where x.term_id in ${present} and y.average - x.average >= (p.c->>'points')::numeric)`,
  absences: `flagged as (select g.student_id, string_agg(g.origin || ' ' || g.external_id, ' ' order by g.origin, g.external_id) as facts, json_agg(g.id) as parts,
    max((g.observed_at at time zone i.time_zone)::date) as day,
    json_build_object('count', sum(coalesce((g.figures->>'count')::int, 1)), 'threshold', (p.c->>'absences')::int, 'since', p.day - (p.c->>'days')::int) as figures
  from signals g join s on s.id = g.student_id cross join p join institutions i on i.id = $1::uuid
  where g.institution_id = $1::uuid and g.kind = 'absence' and g.origin <> 'rules' and g.status = 'open'
    and (g.observed_at at time zone i.time_zone)::date between p.day - (p.c->>'days')::int and p.day
  group by g.student_id, p.c, p.day having sum(coalesce((g.figures->>'count')::int, 1)) >= (p.c->>'absences')::int)`,
  silence: `h as (select s.id as student_id, greatest(
      (select max(r.recorded_on) from results r, p where r.institution_id = $1::uuid and r.student_id = s.id and r.recorded_on <= p.day),
      (select max((g.observed_at at time zone i.time_zone)::date) from signals g, p where g.institution_id = $1::uuid and g.student_id = s.id
        and g.origin not in ('rules', 'service') and (g.observed_at at time zone i.time_zone)::date <= p.day),
      (select max((x.content->>'on')::date) from records x join cases c on c.institution_id = $1::uuid and c.id = x.case_id, p
        where x.institution_id = $1::uuid and c.student_id = s.id and x.status = 'signed' and x.kind in ('session', 'follow_up')
          and x.content->>'outcome' = 'held' and (x.content->>'on')::date <= p.day),
      (select max(d.on_day) from alert_dispositions d join alerts a on a.institution_id = $1::uuid and a.id = d.alert_id, p
        where d.institution_id = $1::uuid and a.student_id = s.id and d.kind in ('talk', 'study_discussion', 'interest_group') and d.on_day <= p.day)) as last, ${knownOn} as known_on
  from s join institutions i on i.id = $1::uuid),
flagged as (select student_id, 'since ' || coalesce(last::text, 'ever') as facts, null::json as parts, p.day,
    json_build_object('weeks', (p.day - last) / 7, 'since', last, 'threshold', (p.c->>'weeks')::int) as figures
  from h cross join p where ${beginning} < p.day - 7 * (p.c->>'weeks')::int and (last is null or last < p.day - 7 * (p.c->>'weeks')::int)
    and known_on not between p.day - 7 * (p.c->>'weeks')::int and p.day)`,
}

/** Names of the courses of a flag beside their ids, which in some systems nobody can read. */
const named = `(page.figures::jsonb
    || coalesce((select jsonb_build_object('courseName', c.name) from courses c
      where c.institution_id = $1::uuid and c.external_id = page.figures->>'course'), '{}')
    || coalesce((select jsonb_build_object('courseNames', jsonb_agg(coalesce(c.name, x.code) order by x.n))
      from json_array_elements_text(page.figures->'courses') with ordinality x(code, n)
      left join courses c on c.institution_id = $1::uuid and c.external_id = x.code having count(*) > 0), '{}'))`

/**
 * Flags of a rule in order of student and facts. Parameters: 1 institution, 2 day, 3 criterion, 4 unit or null,
 * 5 grades, 6 limit, 7 and 8 student and facts of the last flag known, or null.
 */
const statementOf = (name: RuleName): Statement<{ flags: Flag[] }> =>
  tenantStatement(
    `rules.${name}`,
    `with p as materialized (select $2::date as day, $3::jsonb as c), ${studying}, ${criteria[name]},
page as (select * from flagged where $7::uuid is null or (student_id, facts) > ($7::uuid, $8::text) order by student_id, facts limit $6::int)
select coalesce(json_agg(json_build_object('studentId', s.id, 'number', s.number, 'name', s.name, 'facts', page.facts,
    'parts', coalesce(page.parts, json_build_array(page.facts)), 'on', page.day, 'figures', ${named})
  order by page.student_id, page.facts), '[]') as flags from page join s on s.id = page.student_id`,
  )

/** The statement of each kind of rule. */
export const ruleStatements = Object.fromEntries(
  (Object.keys(criteria) as RuleName[]).map(name => [name, statementOf(name)]),
) as Readonly<Record<RuleName, Statement<{ flags: Flag[] }>>>
