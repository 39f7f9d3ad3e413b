// Long texts, as much of them as is shown.

/** How much of a statement stands below a message. */
export const shownOfStatement = 500

/** The beginning of a text, at most so many UTF-16 units, with ` …` where something was left out. No character is cut in two. */
export function excerpt(text: string, longest: number): string {
  if (text.length <= longest) return text
  const isInPair = /[\uD800-\uDBFF]/.test(text.charAt(longest - 1))
  return `${text.slice(0, isInPair ? longest - 1 : longest)} …`
}
