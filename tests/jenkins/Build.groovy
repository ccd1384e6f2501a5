/** One build: what it knows, and what has become of it so far. */
class Build {
    final Job job
    final Log console = new Log()
    final Interrupts interrupts = new Interrupts()
    final Environment env
    final Map params = [:]
    final File workspace
    /** Where steps run; `dir` changes it. */
    File directory
    /** What steps have set it to; null is well so far. */
    Result result
    String displayName
    String description
    /** How many tests `junit` has recorded. */
    Map tests = [total: 0, failed: 0, skipped: 0]
    private final String nodeCookie = UUID.randomUUID()

    Build(Job job) {
        this.job = job
        workspace = new File(job.home, 'workspace')
        directory = workspace
        displayName = "#$job.number"
        env = new Environment(variables())
    }

    private Map variables() {
        def name = job.change == null ? job.branch : "PR-$job.change.id"
        // The agent's own environment is this process's.
        def all = System.getenv() + [
            BUILD_ID: "$job.number", BUILD_NUMBER: "$job.number", BUILD_DISPLAY_NAME: "#$job.number",
            BUILD_TAG: "jenkins-shop-$job.number", BUILD_URL: "http://127.0.0.1:8080/job/shop/$job.number/",
            CI: 'true', EXECUTOR_NUMBER: '0', JENKINS_URL: 'http://127.0.0.1:8080/', JOB_BASE_NAME: 'shop',
            JOB_NAME: 'shop', NODE_NAME: 'built-in', WORKSPACE: workspace.path, JENKINS_NODE_COOKIE: nodeCookie,
        ]
        if (job.multibranch) {
            all.BRANCH_NAME = name
        }
        if (job.change != null) {
            all += [CHANGE_ID: "$job.change.id", CHANGE_TARGET: job.change.target, CHANGE_BRANCH: job.branch]
        }
        all.collectEntries { key, value -> [key, value as String] }
    }

    /** A step has found the build to be no better than this. */
    void worsen(Result found) {
        result = result == null ? found : result.combine(found)
    }

    /** As `currentBuild` shows it. */
    Map current() {
        [number: job.number, displayName: displayName, description: description, result: result?.name(),
         currentResult: (result ?: Result.SUCCESS).name(), absoluteUrl: env.getProperty('BUILD_URL')]
    }

    /** What is still there when the agent is left gets SIGTERM (ExecutorStepExecution.finish). */
    void leaveAgent() {
        ProcessTree.kill('JENKINS_NODE_COOKIE', nodeCookie)
    }
}
