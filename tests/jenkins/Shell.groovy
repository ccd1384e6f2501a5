/** The step `sh`: a script in `sh -xe`, found by a variable of its own when it has to be stopped. */
class Shell {
    private static final String COOKIE = 'JENKINS_SERVER_COOKIE'
    /** Jenkins' CpsThread.stop waits no longer for the signals to have their effect. */
    private static final long STOPPING_MILLIS = 30_000

    private final Build build
    private final String cookie = "durable-${UUID.randomUUID()}"
    private volatile Interruption stopped
    private volatile long deadline = Long.MAX_VALUE
    private volatile Interruption givenUp

    Shell(Build build) {
        this.build = build
    }

    /** Its exit code, or what it printed. */
    def run(Map args) {
        Arguments.only('sh', args, ['script', 'returnStatus', 'returnStdout', 'label', 'encoding'])
        build.interrupts.during(this) { start(args) }
    }

    private start(Map args) {
        def script = scriptFile(args.script as String)
        def command = args.script.startsWith('#!') ? [script.path] : ['sh', '-xe', script.path]
        def builder = new ProcessBuilder(command).directory(build.directory)
        def environment = builder.environment()
        environment.clear()
        environment.putAll(build.env.all())
        environment.put(COOKIE, cookie)
        builder.redirectErrorStream(!args.returnStdout)
        build.directory.mkdirs()
        def process = builder.start()
        process.outputStream.close()
        def printed = new StringBuffer()
        def readers = [reading(process.inputStream) { args.returnStdout ? printed.append(it).append('\n') : log(it) }]
        if (args.returnStdout) {
            readers << reading(process.errorStream) { log(it) }
        }
        int code = await(process)
        // A process that the script left behind may hold the pipe open.
        readers*.join(2000)
        if (stopped != null) {
            throw stopped
        }
        if (args.returnStatus) {
            return code
        }
        if (code != 0) {
            throw new StepFailed("script returned exit code $code")
        }
        args.returnStdout ? printed.toString() : null
    }

    /** DurableTaskStep.Execution.stop: the signal is sent aside, and the step waits its own time. */
    void stop(Interruption why) {
        if (stopped != null) {
            return
        }
        stopped = why
        log('Sending interrupt signal to process')
        deadline = System.currentTimeMillis() + (long) (build.job.stepGrace * 1000)
        def killer = Thread.startDaemon { ProcessTree.kill(COOKIE, cookie) }
        Thread.startDaemon {
            killer.join(STOPPING_MILLIS)
            killer.interrupt()
        }
    }

    /** The step fails; its process is left to itself. */
    void giveUp(Interruption why) {
        givenUp = why
    }

    private int await(Process process) {
        while (!process.waitFor(20, java.util.concurrent.TimeUnit.MILLISECONDS)) {
            if (System.currentTimeMillis() > deadline) {
                def seconds = build.job.stepGrace
                log("After ${seconds == (int) seconds ? (int) seconds : seconds}s process did not stop")
                throw stopped
            }
            if (givenUp != null) {
                throw givenUp
            }
        }
        process.exitValue()
    }

    private File scriptFile(String text) {
        // Beside the workspace, so that nothing in it is taken for the application's.
        def directory = new File("${build.workspace.path}@tmp/$cookie")
        directory.mkdirs()
        def file = new File(directory, 'script.sh')
        file.text = text
        file.executable = true
        file
    }

    private Thread reading(InputStream stream, Closure line) {
        Thread.startDaemon {
            try {
                stream.newReader('UTF-8').eachLine(line)
            } catch (IOException closed) {
                // The step was given up.
            }
        }
    }

    private void log(String text) {
        build.console.line(text)
    }
}
