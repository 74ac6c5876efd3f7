import t from 'tap'
import { csv, runImport } from '../support/imports.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('nobody is born on a day to come: in the roster, and row by row in an import', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const born = async (birthDate: string) =>
    (
      await service.roster('students', [
        { number: '1', name: '王晓明', birthDate, major: '软件工程', grade: '2025', orgUnit: 'class' },
      ])
    ).status
  const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  t.same([await born('2999-01-01'), await born(dayIn(2)), await born('9999-12-31')], [400, 400, 400])
  t.same([await born(dayIn(0)), await born('1950-02-28')], [200, 200])
  const columns = { number: '学号', name: '姓名', major: '专业', orgUnit: '班级', grade: '年级', birthDate: '出生日期' }
  await service.call('administrator', 'PUT', '/v1/import-mappings/students', { kind: 'students', columns })
  const text = csv(
    '学号,姓名,专业,班级,年级,出生日期',
    '20261,赵一,数学,class,2026,2999-01-01',
    '20262,钱二,数学,class,2026,2008-01-05',
  )
  const { result } = await runImport(service, 'format=csv&mapping=students&mode=per_row', text)
  t.match(result, { created: 1, errors: [{ code: 'invalid_value', detail: /^birthDate: / }] })
})
