/**
 * Ends processes by a variable in their environment, as Jenkins' hudson.util.ProcessTree does on Linux:
 * children first, SIGTERM, and a wait for each to be gone. It never sends SIGKILL.
 */
class ProcessTree {
    /** How long it waits for a process and those below it: Jenkins' `SoftKillWaitSeconds`. */
    static final long SOFT_KILL_WAIT_MILLIS = 120_000

    static void kill(String variable, String value) {
        ids().findAll { has(it, "$variable=$value".toString()) }.each {
            killRecursively(it, System.currentTimeMillis() + SOFT_KILL_WAIT_MILLIS)
        }
    }

    private static List<Long> ids() {
        new File('/proc').list().findAll { it.isLong() }.collect { it as long }.sort()
    }

    private static boolean has(long id, String assignment) {
        read("/proc/$id/environ").split('\0').contains(assignment)
    }

    private static void killRecursively(long id, long deadline) {
        ids().findAll { status(it, 'PPid') == "$id" }.each { killRecursively(it, deadline) }
        ['sh', '-c', "kill -TERM $id 2>&-"].execute().waitFor()
        // What nobody has asked for its exit code yet is gone, too.
        while (runs(id) && System.currentTimeMillis() < deadline) {
            Thread.sleep(10)
        }
    }

    private static boolean runs(long id) {
        def state = status(id, 'State')
        state != null && !state.startsWith('Z')
    }

    /** A line of the process's status; null when it is gone. */
    private static String status(long id, String name) {
        def line = read("/proc/$id/status").readLines().find { it.startsWith("$name:") }
        line?.substring(name.length() + 1)?.trim()
    }

    private static String read(String path) {
        try {
            return new File(path).getText('UTF-8')
        } catch (IOException gone) {
            return ''
        }
    }
}
