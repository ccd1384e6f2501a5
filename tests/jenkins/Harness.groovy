import groovy.json.JsonOutput
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer

/**
 * Runs a Jenkinsfile without Jenkins: the declarative steps get their meaning from the classes beside this one.
 *
 * `groovy -cp tests/jenkins tests/jenkins/Harness.groovy JOB.json…` runs one build after the other and prints their
 * console logs, whose last line tells the result; `build.json` in the job's home tells it, too.
 */
class Harness {
    final Build build
    final Steps steps
    final CurrentBuild currentBuild
    private final GroovyShell shell
    private final Map<String, Script> loaded = [:]
    private final Set<String> libraries = []
    private final Set<String> sources = ['WorkflowScript']
    private boolean ran

    Harness(Job job) {
        build = new Build(job)
        steps = new Steps(build)
        currentBuild = new CurrentBuild(build)
        def configuration = new CompilerConfiguration(scriptBaseClass: 'PipelineScript')
        configuration.addCompilationCustomizers(new Checks(this))
        shell = new GroovyShell(getClass().classLoader, new Binding(harness: this), configuration)
    }

    static void main(String[] args) {
        args.each { new Harness(Job.read(it)).run() }
        // Threads that watch are not waited for.
        System.exit(0)
    }

    void run() {
        watchForAbort()
        build.console.line('Started by an SCM change')
        def error = null
        try {
            checkout()
            def file = new File(build.workspace, build.job.jenkinsfile)
            build.console.line("Obtained $build.job.jenkinsfile from git $build.job.repository")
            build.console.line('[Pipeline] Start of Pipeline')
            shell.parse(file.text, 'WorkflowScript').run()
            if (!ran) {
                throw new InvalidPipeline("$build.job.jenkinsfile has no pipeline block")
            }
        } catch (Throwable thrown) {
            error = Errors.cause(thrown)
        }
        finish(error)
    }

    /** The step `pipeline`: the whole of the build. */
    void pipeline(Closure body) {
        ran = true
        def error = new Interpreter(build, steps, this.&checkout).run(Sections.pipeline(body))
        if (error != null) {
            throw error
        }
    }

    private void finish(Throwable error) {
        build.console.line('[Pipeline] End of Pipeline')
        if (error instanceof StepFailed) {
            build.console.line("ERROR: $error.message")
        } else if (error != null && !(error instanceof Interruption)) {
            build.console.line("$error")
            error.stackTrace.findAll { it.fileName in sources }.each { build.console.line("\tat $it") }
        }
        def result = Post.result(build, error)
        new File(build.job.home, 'build.json').text = JsonOutput.toJson(
            [result: result.name(), tests: build.tests, params: build.params])
        build.console.line("Finished: $result")
    }

    /** Gets the branch's last commit, and says in the environment what it is. */
    private void checkout() {
        def job = build.job
        def workspace = build.workspace
        if (!new File(workspace, '.git').exists()) {
            git('clone', '--quiet', '--no-checkout', job.repository, workspace.path)
        }
        git('-C', workspace.path, 'fetch', '--quiet', 'origin')
        git('-C', workspace.path, 'checkout', '--quiet', '--force', '--detach', "origin/$job.branch")
        build.env.setProperty('GIT_COMMIT', git('-C', workspace.path, 'rev-parse', 'HEAD').trim())
        build.env.setProperty('GIT_URL', job.repository)
        // The Git plugin names the remote, too; the branch source of multibranch projects does not.
        def branch = job.multibranch ? build.env.getProperty('BRANCH_NAME') : "origin/$job.branch"
        build.env.setProperty('GIT_BRANCH', branch)
        build.console.line("Checking out Revision ${build.env.getProperty('GIT_COMMIT')} ($job.branch)")
    }

    private static String git(String... args) {
        def process = (['git'] + (args as List)).execute()
        def (out, err) = [new StringBuilder(), new StringBuilder()]
        process.waitForProcessOutput(out, err)
        if (process.exitValue() != 0) {
            throw new StepFailed("git ${args.join(' ')}: ${err.toString().trim()}")
        }
        out
    }

    private void watchForAbort() {
        if (build.job.abort == null) {
            return
        }
        def file = new File(build.job.abort)
        Thread.startDaemon {
            while (!file.exists()) {
                Thread.sleep(20)
            }
            build.console.line('Aborted by admin')
            build.interrupts.raise(new Interruption('Aborted by admin'))
        }
    }

    /** `@Library('name')`: its global variables are there from now on. */
    void use(String name) {
        if (!build.job.libraries.containsKey(name)) {
            throw new InvalidPipeline("No version specified for library $name")
        }
        libraries << name
    }

    /** A global variable of the libraries that are used. */
    Script global(String name) {
        def files = libraries.collect { new File("${build.job.libraries[it]}/vars/${name}.groovy") }
        def file = files.find { it.exists() }
        sources << name
        file == null ? null : loaded.computeIfAbsent(name) { shell.parse(file.text, name) }
    }

    List<String> globals() {
        libraries.collectMany { new File("${build.job.libraries[it]}/vars").list().toList() }
    }

    /** What is looked at before anything runs. */
    static class Checks extends CompilationCustomizer {
        private final Harness harness

        Checks(Harness harness) {
            super(CompilePhase.CONVERSION)
            this.harness = harness
        }

        @Override
        void call(SourceUnit source, GeneratorContext context, ClassNode node) {
            Declarative.check(source, node)
            Libraries.of(node).each { harness.use(it) }
        }
    }
}
