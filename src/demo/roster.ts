import { signalKinds } from '../practice/signals.ts'

/** The demo institution: believable, invented. */
export const demoInstitution = {
  id: '01936d00-0000-7000-8000-000000000000',
  nameZh: '临江大学(演示)',
  nameEn: 'Linjiang University (demo)',
  timeZone: 'Asia/Shanghai',
} as const

const unit = (externalId: string, parent: string | null, kind: string, nameZh: string, nameEn: string) => ({
  externalId,
  parent,
  kind,
  nameZh,
  nameEn,
})

/** Units: the school, two colleges with departments, grades and classes, dormitories, an office. */
export const demoUnits = [
  unit('LJU', null, 'school', '临江大学', 'Linjiang University'),
  unit('CS', 'LJU', 'college', '计算机学院', 'School of Computing'),
  unit('SE', 'CS', 'department', '软件工程系', 'Department of Software Engineering'),
  unit('SE-2025', 'SE', 'grade', '软件工程2025级', 'Software Engineering 2025'),
  unit('SE-2501', 'SE-2025', 'class', '软件2501班', 'SE 2501'),
  unit('SE-2502', 'SE-2025', 'class', '软件2502班', 'SE 2502'),
  unit('EC', 'LJU', 'college', '经济管理学院', 'School of Economics and Management'),
  unit('ACC', 'EC', 'department', '会计系', 'Department of Accounting'),
  unit('ACC-2025', 'ACC', 'grade', '会计2025级', 'Accounting 2025'),
  unit('ACC-2501', 'ACC-2025', 'class', '会计2501班', 'ACC 2501'),
  unit('D7', 'LJU', 'dormitory', '第七学生公寓', 'Dormitory 7'),
  unit('SAO', 'LJU', 'office', '学生工作处', 'Student Affairs Office'),
]

const member = (externalId: string, name: string, nameEn: string, role: string, orgUnit: string, account: string) => ({
  externalId,
  name,
  nameEn,
  leftOn: null,
  roles: [{ role, orgUnit, validFrom: '2020-09-01', validUntil: null }],
  identities: [{ issuer: 'bangfu', subject: account }],
})

/** Staff of every role; the last column is the demo account. */
export const demoStaff = [
  member('T1001', '李文静', 'Li Wenjing', 'counsellor', 'SE', 'counsellor'),
  member('T1002', '赵建国', 'Zhao Jianguo', 'counsellor', 'SE', 'colleague'),
  member('T2001', '孙丽华', 'Sun Lihua', 'counsellor', 'ACC', 'outsider'),
  member('T1100', '周海峰', 'Zhou Haifeng', 'line_manager', 'CS', 'lineManager'),
  member('T1200', '吴敏', 'Wu Min', 'practice_supervisor', 'CS', 'practiceSupervisor'),
  member('T0001', '郑系统', 'Zheng Xitong', 'administrator', 'LJU', 'administrator'),
  member('T0002', '冯审', 'Feng Shen', 'auditor', 'LJU', 'auditor'),
  member('T0003', '陈钥', 'Chen Yao', 'key_holder', 'LJU', 'keyHolder'),
  member('T1300', '褚心', 'Chu Xin', 'psychological_counsellor', 'SAO', 'psychologist'),
  member('T1400', '卫老师', 'Wei', 'class_teacher', 'SE-2501', 'classTeacher'),
  member('T1500', '蒋老师', 'Jiang', 'subject_teacher', 'SE', 'subjectTeacher'),
]

const surnames = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗']
const surnamesEn = [
  'Wang',
  'Li',
  'Zhang',
  'Liu',
  'Chen',
  'Yang',
  'Huang',
  'Zhao',
  'Wu',
  'Zhou',
  'Xu',
  'Sun',
  'Ma',
  'Zhu',
  'Hu',
  'Guo',
  'He',
  'Gao',
  'Lin',
  'Luo',
]
const given = ['晓明', '思雨', '浩然', '子涵', '雨桐', '俊杰', '诗涵', '宇航', '欣怡', '博文', '梦洁', '天宇']
const givenEn = [
  'Xiaoming',
  'Siyu',
  'Haoran',
  'Zihan',
  'Yutong',
  'Junjie',
  'Shihan',
  'Yuhang',
  'Xinyi',
  'Bowen',
  'Mengjie',
  'Tianyu',
]
const classes = [
  { code: 'SE-2501', major: '软件工程', prefix: '20250101' },
  { code: 'SE-2502', major: '软件工程', prefix: '20250102' },
  { code: 'ACC-2501', major: '会计学', prefix: '20250201' },
]

/** Sixty students in three classes. The first is the demo account `student`. */
export const demoStudents = Array.from({ length: 60 }, (_, index) => {
  const { code, major, prefix } = classes[Math.floor(index / 20)] as (typeof classes)[number]
  const place = index % 20
  const number = `${prefix}${String(place + 1).padStart(2, '0')}`
  return {
    number,
    name: `${surnames[place]}${given[(index * 5) % given.length]}`,
    nameEn: `${surnamesEn[place]} ${givenEn[(index * 5) % givenEn.length]}`,
    birthDate: `${2006 - (index % 2)}-${String((index % 12) + 1).padStart(2, '0')}-15`,
    major,
    grade: '2025',
    orgUnit: code,
    enrolmentStatus: 'enrolled',
    contacts: [{ externalId: `${number}-P`, kind: 'parent', name: `${surnames[place]}家长`, phone: null }],
    ...(index === 0 ? { identities: [{ issuer: 'bangfu', subject: 'student' }] } : {}),
  }
})

/** Terms, courses and a first term of results. */
export const demoTerms = [
  { externalId: '2025-1', name: '2025–2026学年第一学期', startsOn: '2025-09-01', endsOn: '2026-01-18' },
  { externalId: '2025-2', name: '2025–2026学年第二学期', startsOn: '2026-02-23', endsOn: '2026-07-05' },
]

export const demoCourses = [
  { externalId: 'MATH1001', name: '高等数学A(上)', kind: 'required', credits: 5 },
  { externalId: 'PHYS1002', name: '大学物理', kind: 'required', credits: 4 },
  { externalId: 'CS1001', name: '程序设计基础', kind: 'required', credits: 4 },
]

/** Scores spread by a fixed rule, so that every start makes the same institution. */
export const demoResults = demoStudents.flatMap((student, index) =>
  demoCourses.map((course, at) => {
    const score = 40 + ((index * 37 + at * 53) % 58)
    return {
      externalId: `${student.number}-${course.externalId}`,
      student: student.number,
      course: course.externalId,
      term: '2025-1',
      item: '',
      score,
      outcome: score < 60 ? 'failed' : 'passed',
      recordedOn: '2026-01-20',
    }
  }),
)

/** The roster of the demo, by collection in the order it is brought. */
export const demoRoster = {
  'org-units': demoUnits,
  staff: demoStaff,
  students: demoStudents,
  terms: demoTerms,
  courses: demoCourses,
  results: demoResults,
}

/** Demo accounts that are machine clients. */
export const demoClients = {
  reporter: { scopes: ['reports:read', 'journal:read'], types: ['case.opened', 'case.moved', 'record.signed'] },
  warningSystem: { scopes: ['signals:write'], types: [] },
} as const

/** The academic warning system, linked to the client `warningSystem`. */
export const demoSource = { name: '教务预警系统', kinds: Object.keys(signalKinds), dailyQuota: 100_000 }
