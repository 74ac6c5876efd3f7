import type { Title } from '../kernel/process.ts'

/** A way to help: for which causes, on which line of work, in which settings. Seed articles 2 and 3. */
export interface Strategy {
  readonly title: Title
  readonly causes: readonly string[]
  readonly line: 'teaching' | 'moral_education'
  readonly settings: readonly ('in_class' | 'out_of_class' | 'in_school' | 'out_of_school' | 'life' | 'study')[]
}

/** Strategy library: what the plan offers for the causes found. */
export const strategies: Readonly<Record<string, Strategy>> = {
  small_steps: {
    title: { en: 'Small steps', zh: '小步子迈进' },
    causes: ['weak_will', 'low_confidence', 'poor_methods'],
    line: 'teaching',
    settings: ['in_class', 'out_of_class', 'study'],
  },
  habit_training: {
    title: { en: 'Habit training', zh: '学习习惯训练' },
    causes: ['poor_self_control', 'lack_of_planning', 'poor_methods'],
    line: 'teaching',
    settings: ['out_of_class', 'in_school', 'study'],
  },
  goal_planning: {
    title: { en: 'Planning of goals and studies', zh: '目标与学业规划' },
    causes: ['lost_direction', 'lack_of_planning', 'poor_adaptation'],
    line: 'moral_education',
    settings: ['out_of_class', 'in_school'],
  },
  counselling: {
    title: { en: 'Psychological counselling', zh: '心理辅导' },
    causes: ['low_confidence', 'family_change', 'poor_adaptation'],
    line: 'moral_education',
    settings: ['in_school', 'life'],
  },
  family_contact: {
    title: { en: 'Contact of student, teacher and parents', zh: '师生、亲子与家校沟通' },
    causes: ['lack_of_care', 'family_change', 'family_hardship'],
    line: 'moral_education',
    settings: ['out_of_school', 'life'],
  },
  financial_aid: {
    title: { en: 'Financial aid', zh: '资助' },
    causes: ['family_hardship'],
    line: 'moral_education',
    settings: ['in_school', 'life'],
  },
  teaching_feedback: {
    title: { en: 'Feedback to the department', zh: '向教学单位反馈' },
    causes: ['teaching_methods', 'course_design'],
    line: 'teaching',
    settings: ['in_class', 'study'],
  },
  course_advising: {
    title: { en: 'Course advising', zh: '选课指导' },
    causes: ['course_design', 'poor_adaptation'],
    line: 'teaching',
    settings: ['in_school', 'study'],
  },
  tutoring: {
    title: { en: 'Tutoring by teacher or peer', zh: '课业辅导与朋辈辅导' },
    causes: ['poor_methods', 'teaching_methods', 'low_confidence'],
    line: 'teaching',
    settings: ['out_of_class', 'study'],
  },
  community_work: {
    title: { en: 'Community work in class or dormitory', zh: '班级与宿舍社区工作' },
    causes: ['study_climate', 'social_climate', 'dormitory_conflict'],
    line: 'moral_education',
    settings: ['in_school', 'life'],
  },
  change_of_room: {
    title: { en: 'Change of room or seat', zh: '调整宿舍或座位' },
    causes: ['dormitory_conflict', 'study_climate'],
    line: 'moral_education',
    settings: ['in_school', 'life'],
  },
}
