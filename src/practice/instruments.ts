import type { Title } from '../kernel/process.ts'

/** A questionnaire as data: items answered on the points of its scale, subscales by item number from 0. */
export interface Instrument {
  readonly title: Title
  readonly version: number
  /** What the answers 1, 2, 3, 4, 5 mean, in this order. */
  readonly scale: readonly Title[]
  /** What a higher score says. */
  readonly higherMeans: 'harder' | 'better'
  readonly items: readonly Title[]
  readonly subscales: Readonly<Record<string, { readonly title: Title; readonly items: readonly number[] }>>
}

const item = (en: string, zh: string): Title => ({ en, zh })

const agreement = [
  item('Not true at all', '完全不符合'),
  item('Rather not true', '不太符合'),
  item('Partly true', '部分符合'),
  item('Rather true', '比较符合'),
  item('Quite true', '完全符合'),
] as const

/** Instruments the service scores. Their own, free to use. */
export const instruments = {
  learning_difficulty_causes: {
    title: { en: 'Causes of learning difficulty', zh: '学业困难成因量表' },
    version: 1,
    scale: agreement,
    higherMeans: 'harder',
    items: [
      item('I do not know what I study for.', '我不清楚为什么学习。'),
      item('I put work off until it is too late.', '我常把任务拖到来不及。'),
      item('My way of studying does not fit university.', '我的学习方法不适应大学。'),
      item('At home nobody asks how I am.', '家里少有人关心我的状态。'),
      item('A change in my family weighs on me.', '家庭变故影响着我。'),
      item('Money worries keep me from studying.', '经济压力妨碍我学习。'),
      item('I cannot follow how courses are taught.', '我跟不上课堂的讲授方式。'),
      item('Courses do not build on what I know.', '课程与我的基础衔接不上。'),
      item('Teachers are hard to reach.', '遇到问题难以找到老师。'),
      item('Few around me study.', '我身边学习的人不多。'),
      item('My dormitory leaves me no rest.', '宿舍让我无法休息。'),
      item('What happens outside pulls me away from study.', '外界的事让我无心学习。'),
    ],
    subscales: {
      personal: { title: item('Personal', '个人'), items: [0, 1, 2] },
      family: { title: item('Family', '家庭'), items: [3, 4, 5] },
      teaching: { title: item('Teaching', '教学'), items: [6, 7, 8] },
      environment: { title: item('Environment', '环境'), items: [9, 10, 11] },
    },
  },
  how_things_stand: {
    title: { en: 'How things stand', zh: '近况量表' },
    version: 1,
    scale: agreement,
    higherMeans: 'better',
    items: [
      item('I am content with my life.', '我对生活满意。'),
      item('I am content with my studies.', '我对学习满意。'),
      item('I get on with the people around me.', '我与周围人相处得好。'),
      item('I trust that I can manage.', '我相信自己能应付。'),
      item('My mood is good.', '我心情好。'),
    ],
    subscales: {
      satisfaction: { title: item('Satisfaction', '满意度'), items: [0, 1, 2] },
      confidence: { title: item('Confidence', '信心'), items: [3] },
      mood: { title: item('Mood', '情绪'), items: [4] },
    },
  },
} as const satisfies Record<string, Instrument>

/** Every subscale of every instrument. */
export const subscales = [...new Set(Object.values(instruments).flatMap(each => Object.keys(each.subscales)))]

/** Mean per subscale, 1–5, two decimals; null unless every item has its answer. Pure. */
export const scoresOf = (name: keyof typeof instruments, answers: readonly number[]): Record<string, number> | null => {
  const instrument: Instrument = instruments[name]
  if (answers.length !== instrument.items.length) return null
  return Object.fromEntries(
    Object.entries(instrument.subscales).map(([subscale, { items }]) => {
      const sum = items.reduce((total, index) => total + (answers[index] ?? 0), 0)
      return [subscale, Math.round((sum / items.length) * 100) / 100]
    }),
  )
}
