import t from 'tap'
import '../../src/app.ts'
import { declaredStatements } from '../../src/platform/database.ts'
import '../../src/warnings/take-signals.ts'
import { openTestDatabase } from '../support/database.ts'

/** Indexes each statement must walk, even when it is planned on empty tables. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  'signals.load': ['signals_once', 'students_number', 'signal_keys_month'],
  'signals.load_bearer': ['signals_once', 'students_number', 'signal_sources_client'],
  'signals.load_signed': ['signals_once', 'students_number', 'signal_sources_id_is_unique'],
  'rules.flagged_before': ['signals_once', 'external_id >= f.id'],
  'signals.save': ['signals_pk', 'alerts_pk'],
  'signals.find_matches': ['signals_quarantined', 'students_number'],
  'alerts.take_overdue': ['alerts_to_escalate'],
  'crises.take_overdue': ['crises_to_escalate'],
  'watches.take_due': ['alert_dispositions_watched'],
  'targets.take': ['alerts_without_target'],
  'signals.receipts_by_token': ['signals_of_source', 'alerts_pk'],
  'signals.receipts_by_person': ['signals_of_person', 'alerts_pk'],
  'signals.receipts_by_signature': ['signals_of_source', 'alerts_pk'],
  'signals.of_student': ['signals_by_student'],
  'signals.quarantine': ['signals_quarantined'],
}

t.test('plans made on empty tables are those of full ones', async t => {
  const { asApplication } = await openTestDatabase(t)
  for (const [name, indexes] of Object.entries(wanted)) {
    const text = declaredStatements().get(name) ?? ''
    const count = Math.max(...[...text.matchAll(/\$(\d+)/g)].map(found => Number(found[1])))
    const nulls = Array.from({ length: count }, () => 'null').join(', ')
    const rows = await asApplication(
      `set enable_seqscan = off; set plan_cache_mode = force_generic_plan; prepare planned as ${text}; explain (costs off) execute planned(${nulls}); `,
    ).finally(() => asApplication('deallocate all').catch(() => {}))
    const plan = rows.map(row => String(row['QUERY PLAN'])).join('\n')
    for (const index of indexes) t.match(plan, new RegExp(`\\b${index}\\b`), `${name} walks ${index}`)
    t.notMatch(plan, /Seq Scan on (signals|students|alerts)\b/, name)
  }
})
