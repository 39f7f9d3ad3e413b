// A reporter: below everything else, the cases that were skipped with their reason, and `N cases, N passed`.

export default class CaseCount {
  onRunComplete(_contexts, results) {
    const cases = results.testResults.flatMap(({ testResults }) => testResults)
    const skipped = cases.filter(({ status }) => status === 'pending' || status === 'todo')
    const ran = cases.length - skipped.length + results.numRuntimeErrorTestSuites
    // At the very end: the servers are ended in between, and say what they have to say.
    process.once('exit', () => {
      for (const { fullName } of skipped) console.log(`skipped: ${fullName}`)
      console.log(`${ran} cases, ${results.numPassedTests} passed`)
    })
  }
}
