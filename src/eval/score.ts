// Whether a comment names a known problem.
import type { Problem } from './eval-case.ts'
import { type Comment, isWrittenOut, type JudgedProblem } from './result.ts'

/** Two people who mean the same problem point at lines this near to each other. */
const nearLines = 3

/** As it stands in every report. */
export const placeRule = `A problem counts as found when a published comment (in the diff or in the body) is on the same path, its lines are within ± ${nearLines} of the problem's lines, and, when the case gives words, its title or body has one of them, whatever the letter case. A comment on a removed line counts at the place in the head where the line was.`

export const judgeRule =
  'A problem counts as found when a judge, a model that was given both, said that a published comment (in the diff or in the body) names the same cause. Lines and words do not decide.'

/** By the place rule. The nearest of several comments is the one that found it. */
export function scoreByPlace(problems: readonly Problem[], comments: readonly Comment[]): JudgedProblem[] {
  return problems.map((problem) => {
    const naming = comments.filter((comment) => names(comment, problem))
    const published = naming.filter(isWrittenOut).toSorted((a, b) => gap(a, problem) - gap(b, problem))[0]
    return judged(problem, { comments, published, unpublished: naming.find((comment) => !isWrittenOut(comment)) })
  })
}

/** `answers`: for each problem the index of the comment that names it, by a judge who saw published comments only. */
export function scoreByJudge(
  problems: readonly Problem[],
  comments: readonly Comment[],
  answers: readonly (number | undefined)[],
): JudgedProblem[] {
  return problems.map((problem, index) => {
    const answer = comments[answers[index] ?? -1]
    const published = answer && isWrittenOut(answer) ? answer : undefined
    const unpublished = comments.find((comment) => !isWrittenOut(comment) && names(comment, problem))
    return judged(problem, { comments, published, unpublished })
  })
}

interface Naming {
  comments: readonly Comment[]
  published: Comment | undefined
  unpublished: Comment | undefined
}

function judged(problem: Problem, { comments, published, unpublished }: Naming): JudgedProblem {
  if (published) return { ...problem, foundBy: comments.indexOf(published), lost: null }
  return { ...problem, foundBy: null, lost: unpublished ? lossOf(unpublished) : null }
}

function lossOf({ place, reason }: Comment): string {
  return place === 'listed'
    ? 'only listed: small, or past the cap on comments'
    : `held back: ${reason ?? 'no reason was given'}`
}

function names(comment: Comment, problem: Problem): boolean {
  if (comment.path !== problem.path || gap(comment, problem) > nearLines) return false
  const text = `${comment.title}\n${comment.body}`.toLowerCase()
  return problem.words.length === 0 || problem.words.some((word) => text.includes(word.toLowerCase()))
}

/** Lines between the two ranges; 0 where they touch or overlap. */
function gap(a: Pick<Comment, 'startLine' | 'line'>, b: Pick<Problem, 'startLine' | 'line'>): number {
  return Math.max(a.startLine - b.line, b.startLine - a.line, 0)
}
