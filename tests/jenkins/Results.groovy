import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption

/** What is kept of a build: test results and files. */
class Results {
    private final Build build

    Results(Build build) {
        this.build = build
    }

    /** Reads JUnit files; a failed test makes the build unstable. */
    void junit(Map args) {
        build.console.line('Recording test results')
        def files = matching(args.testResults as String, null)
        if (!files) {
            if (args.allowEmptyResults) {
                build.console.line('None of the test reports contained any result')
                return
            }
            throw new StepFailed('No test report files were found. Configuration error?')
        }
        int failed = files.sum { read(it) }
        if (failed > 0 && !args.skipMarkingBuildUnstable) {
            build.worsen(Result.UNSTABLE)
        }
    }

    private int read(Path file) {
        def root
        try {
            root = new XmlSlurper().parse(file.toFile())
        } catch (org.xml.sax.SAXException invalid) {
            throw new StepFailed("Failed to read test report file $file: $invalid.message")
        }
        if (!(root.name() in ['testsuite', 'testsuites'])) {
            throw new StepFailed("Failed to read test report file $file: its root is $root.name()")
        }
        def cases = root.'**'.findAll { it.name() == 'testcase' }
        def having = { List<String> names -> cases.count { one -> one.children().any { it.name() in names } } as int }
        int failed = having(['failure', 'error'])
        build.tests.total += cases.size()
        build.tests.failed += failed
        build.tests.skipped += having(['skipped'])
        failed
    }

    /** Copies files of the workspace to where they outlive it. */
    void archive(Map args) {
        build.console.line('Archiving artifacts')
        if (args.onlyIfSuccessful && build.result != null) {
            return
        }
        def files = matching(args.artifacts as String, args.excludes as String)
        if (!files && !args.allowEmptyArchive) {
            throw new StepFailed("No artifacts found that match the file pattern \"$args.artifacts\". Configuration error?")
        }
        def archive = new File(build.job.home, 'archive').toPath()
        files.each { file ->
            def target = archive.resolve(root().relativize(file))
            Files.createDirectories(target.parent)
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING)
        }
    }

    private Path root() {
        build.directory.toPath()
    }

    /** Files by patterns as Ant's, separated by commas. */
    private List<Path> matching(String patterns, String excludes) {
        if (!Files.isDirectory(root())) {
            return []
        }
        def wanted = matchers(patterns)
        def unwanted = matchers(excludes ?: '')
        def found = []
        root().eachFileRecurse { file ->
            def name = root().relativize(file)
            if (Files.isRegularFile(file) && wanted.any { it.matches(name) } && !unwanted.any { it.matches(name) }) {
                found << file
            }
        }
        found.sort()
    }

    private static matchers(String patterns) {
        def each = patterns.split(',')*.trim().findAll()
        // In Ant's patterns ** stands for no directory, too.
        (each + each*.replace('**/', '')).unique().collect { FileSystems.default.getPathMatcher("glob:$it") }
    }
}
