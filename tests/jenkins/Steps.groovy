/** The steps that this harness knows. Any other is refused by its name. */
class Steps {
    static final List<String> NAMES = [
        'archiveArtifacts', 'catchError', 'dir', 'echo', 'error', 'junit', 'pwd', 'retry', 'script', 'sh',
        'timeout', 'timestamps', 'unstable', 'withCredentials', 'withEnv',
    ]
    private static final Map<String, Long> UNITS = [
        MILLISECONDS: 1L, SECONDS: 1000L, MINUTES: 60_000L, HOURS: 3_600_000L, DAYS: 86_400_000L,
    ]

    private final Build build

    Steps(Build build) {
        this.build = build
    }

    /** Runs a step; the last argument of a step with a block is the block. */
    def run(String name, Object[] args) {
        build.interrupts.check()
        def body = args.length > 0 && args[-1] instanceof Closure ? args[-1] : null
        def rest = body == null ? args : args[0..<-1] as Object[]
        if (name == 'script') {
            return block('script', body)
        }
        build.console.line("[Pipeline] $name")
        "_$name"(rest, body)
    }

    /** Runs a block between its braces in the log. */
    def block(String name, Closure body) {
        if (body == null) {
            throw new IllegalStateException("$name must be called with a body")
        }
        build.console.line('[Pipeline] {')
        try {
            return body()
        } finally {
            build.console.line('[Pipeline] }')
            build.console.line("[Pipeline] // $name")
        }
    }

    private _echo(Object[] args, Closure none) {
        build.console.line(Arguments.named('echo', args, 'message', ['message']).message as String)
    }

    private _error(Object[] args, Closure none) {
        throw new StepFailed(Arguments.named('error', args, 'message', ['message']).message as String)
    }

    private _unstable(Object[] args, Closure none) {
        def message = Arguments.named('unstable', args, 'message', ['message']).message
        build.console.line("WARNING: $message")
        build.worsen(Result.UNSTABLE)
    }

    private _pwd(Object[] args, Closure none) {
        build.directory.path
    }

    private _sh(Object[] args, Closure none) {
        def known = ['script', 'returnStatus', 'returnStdout', 'label', 'encoding']
        new Shell(build).run(Arguments.named('sh', args, 'script', known))
    }

    private _dir(Object[] args, Closure body) {
        def path = Arguments.named('dir', args, 'path', ['path']).path as String
        def before = build.directory
        build.directory = path.startsWith('/') ? new File(path) : new File(before, path)
        build.console.line("Running in $build.directory")
        try {
            return block('dir', body)
        } finally {
            build.directory = before
        }
    }

    private _withEnv(Object[] args, Closure body) {
        def overrides = Arguments.named('withEnv', args, 'overrides', ['overrides']).overrides
        def pairs = overrides.collectEntries { String pair ->
            int equals = pair.indexOf('=')
            [pair.substring(0, equals), pair.substring(equals + 1)]
        }
        build.env.with(pairs) { block('withEnv', body) }
    }

    private _withCredentials(Object[] args, Closure body) {
        def bindings = Arguments.named('withCredentials', args, 'bindings', ['bindings']).bindings
        def variables = new Credentials(build).bound(bindings)
        build.console.line("Masking supported pattern matches of ${variables.keySet().collect { "\$$it" }.join(' or ')}")
        build.env.with(variables) { block('withCredentials', body) }
    }

    private _timestamps(Object[] args, Closure body) {
        block('timestamps', body)
    }

    private _retry(Object[] args, Closure body) {
        int count = Arguments.named('retry', args, 'count', ['count']).count
        for (int turn = 1; ; turn++) {
            try {
                return block('retry', body)
            } catch (StepFailed failed) {
                build.console.line("ERROR: $failed.message")
                if (turn >= count) {
                    throw failed
                }
                build.console.line('Retrying')
            }
        }
    }

    private _catchError(Object[] args, Closure body) {
        def known = ['buildResult', 'stageResult', 'message', 'catchInterruptions']
        def given = Arguments.named('catchError', args, 'message', known)
        try {
            block('catchError', body)
        } catch (Interruption | StepFailed caught) {
            if (caught instanceof Interruption && given.catchInterruptions == false) {
                throw caught
            }
            build.console.line("ERROR: ${given.message ?: caught.message}")
            build.worsen(caught instanceof Interruption
                ? Result.ABORTED : Result.valueOf((given.buildResult ?: 'FAILURE') as String))
        }
    }

    private _timeout(Object[] args, Closure body) {
        def given = Arguments.named('timeout', args, 'time', ['time', 'unit'])
        long millis = (given.time as long) * UNITS[(given.unit ?: 'MINUTES') as String]
        build.console.line("Timeout set to expire in ${given.time} ${(given.unit ?: 'MINUTES').toLowerCase()}")
        def limit = new Object()
        def timer = new Timer(true)
        timer.runAfter((int) Math.min(millis, Integer.MAX_VALUE)) {
            build.console.line('Cancelling nested steps due to timeout')
            def over = new Interruption('Timeout has been exceeded', limit)
            build.interrupts.raise(over)
            timer.runAfter((int) (build.job.timeoutGrace * 1000)) {
                build.console.line('Body did not finish within grace period; terminating with extreme prejudice')
                build.interrupts.giveUp(over)
            }
        }
        try {
            return block('timeout', body)
        } finally {
            timer.cancel()
            build.interrupts.leave(limit)
        }
    }

    private _junit(Object[] args, Closure none) {
        def known = ['testResults', 'allowEmptyResults', 'skipMarkingBuildUnstable']
        new Results(build).junit(Arguments.named('junit', args, 'testResults', known))
    }

    private _archiveArtifacts(Object[] args, Closure none) {
        def known = ['artifacts', 'allowEmptyArchive', 'fingerprint', 'excludes', 'onlyIfSuccessful']
        new Results(build).archive(Arguments.named('archiveArtifacts', args, 'artifacts', known))
    }
}
